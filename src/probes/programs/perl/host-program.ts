/**
 * The program of the Perl process that has one script of the administrator compiled and runs it for each check. It
 * is a text here, and reaches perl by its standard input, so that it is wherever the compiled code is.
 *
 * Its one argument is the script. File descriptor 3 carries frames both ways: four bytes of length, then fields
 * with a NUL between them.
 *
 *     check ID NUMBER-OF-ARGUMENTS ARGUMENT… NAME VALUE…      to it: run the script, with these in the environment
 *     ready                                                   from it: the script is compiled
 *     broken MESSAGE                                          from it: the script cannot be compiled
 *     started ID PID                                          from it: this process leads a group of its own
 *     ended ID WAIT-STATUS OUTPUT                             from it: the end of what it wrote
 *     unable ID MESSAGE                                       from it: no process can be started
 *
 * Each check is a child, forked from the interpreter with the compiled script in it: one that loops, exits, dies
 * or changes what is global harms nobody else. When its peer closes, it kills what runs and ends.
 */
export const hostProgram = String.raw`
package Ldirectord::Host;

# First, so that the script sees none of the variables and pragmas below.
sub compiled { package main; return eval $_[0]; }

# Before anything that exits is compiled. The reference takes the number itself for the verdict, not the eight bits that
# are left of it at the end of a process: what system() gives for an ordinary failure is 256, and these are 0. Without a
# prototype, as there, so that "exit $found ? 0 : 1" means what it says.
BEGIN {
    *CORE::GLOBAL::exit = sub {
        my $verdict = @_ ? $_[0] : 0;
        no warnings;
        CORE::exit($verdict == 0 ? 0 : (int($verdict) & 255) || 1);
    };
}

use strict;
use warnings;
use Errno ();
use Fcntl ();
use POSIX ();

my $output_bound = 4096;
# Seconds from one look for ended children to the next, at most.
my $look_every = 0.2;
my ($script) = @ARGV;
my %running;

open(my $peer, '+<&=', 3) or POSIX::_exit(1);
binmode $peer;
# The script's own programs must not hold the connection.
fcntl($peer, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC());
$SIG{PIPE} = 'IGNORE';

sub say_to_peer {
    my $frame = pack 'N/a*', join "\0", @_;
    while (length $frame) {
        my $sent = syswrite $peer, $frame;
        if (!defined $sent) {
            next if $!{EINTR};
            leave();
        }
        substr $frame, 0, $sent, '';
    }
}

sub leave {
    kill 'KILL', map { -$_ } keys %running if %running;
    # Without the END blocks of the script: they belong to a check.
    POSIX::_exit(0);
}

sub load {
    open my $file, '<', $script or return (undef, undef, "$!");
    local $/;
    my $text = <$file>;
    close $file;
    my $data = $text =~ s/^__(?:END|DATA)__[ \t]*\r?(?:\n|\z)(.*)\z//ms ? $1 : undef;
    (my $name = $script) =~ tr/"\n/__/;
    $0 = $script;
    # Documentation can go on to the end of the script, and would take the brace along.
    my $end = $text =~ /^=[a-zA-Z]/m ? "\n=pod\n\n=cut\n\n}" : "\n}";
    my $code = compiled("sub {\n#line 1 \"$name\"\n$text$end");
    return (undef, undef, $@) if ref $code ne 'CODE';
    return ($code, $data, undef);
}

sub start {
    my ($id, $count, @rest) = @_;
    my @arguments = splice @rest, 0, $count;
    my ($read, $write);
    my $pid = pipe($read, $write) ? fork : undef;
    if (!defined $pid) {
        say_to_peer('unable', $id, "$!");
        return;
    }
    if ($pid == 0) {
        setpgrp 0, 0;
        return { arguments => \@arguments, environment => {@rest}, output => $write };
    }
    # Both do it, so that it is done whoever comes first.
    eval { setpgrp $pid, $pid };
    close $write;
    fcntl $read, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK();
    $running{$pid} = { id => $id, output => $read, tail => '' };
    say_to_peer('started', $id, $pid);
    return;
}

sub collect {
    my ($child) = @_;
    while (defined $child->{output}) {
        my $count = sysread $child->{output}, my $piece, 65536;
        if (!defined $count) {
            next if $!{EINTR};
            return;
        }
        if ($count == 0) {
            delete $child->{output};
            return;
        }
        my $all = $child->{tail} . $piece;
        $child->{tail} = length $all > $output_bound ? substr $all, -$output_bound : $all;
    }
}

sub reap {
    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $status = $?;
        my $child = delete $running{$pid} or next;
        kill 'KILL', -$pid;
        collect($child);
        say_to_peer('ended', $child->{id}, $status, $child->{tail});
    }
}

# Returns only in a child, with what it has to do.
sub serve {
    pipe(my $woken, my $wake) or POSIX::_exit(1);
    fcntl $_, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK() for $woken, $wake;
    # Between looking for ended children and waiting, one more can end. A signal that comes right before select(2) is only
    # noted there, and handled when that returns (perlipc, "Deferred Signals"): it must return while children run.
    local $SIG{CHLD} = sub { local $!; syswrite $wake, 'x' };
    my $unread = '';
    while (1) {
        my $wanted = '';
        vec($wanted, fileno $_, 1) = 1
            for $peer, $woken, grep { defined } map { $_->{output} } values %running;
        next if select($wanted, undef, undef, %running ? $look_every : undef) < 0;
        sysread $woken, my $wakes, 4096 if vec $wanted, fileno $woken, 1;
        for my $child (values %running) {
            collect($child) if defined $child->{output} && vec $wanted, fileno $child->{output}, 1;
        }
        if (vec $wanted, fileno $peer, 1) {
            my $count = sysread $peer, $unread, 65536, length $unread;
            leave() if defined $count ? $count == 0 : !($!{EINTR} || $!{EAGAIN});
            while (length $unread >= 4 && length $unread >= 4 + unpack 'N', $unread) {
                my ($frame) = unpack 'N/a*', $unread;
                substr $unread, 0, 4 + length $frame, '';
                my (undef, @fields) = split /\0/, $frame, -1;
                my $job = start(@fields);
                return $job if $job;
            }
        }
        reap();
    }
}

my ($code, $data, $fault) = load();
if (!defined $code) {
    say_to_peer('broken', $fault);
    POSIX::_exit(0);
}
say_to_peer('ready');
my $job = serve();

# Here is the child, outside of every loop: a stray "next" in the script finds none.
# A broken pipe stays an error of the write, as in the reference: a farewell to who has gone ends no script.
$SIG{CHLD} = 'DEFAULT';
open STDIN, '<', '/dev/null';
open STDOUT, '>&', $job->{output};
open STDERR, '>&', $job->{output};
close $peer;
%running = ();
%ENV = (%ENV, %{ $job->{environment} });
@ARGV = @{ $job->{arguments} };
close $job->{output};
undef $job;
open main::DATA, '<', \$data if defined $data;
$^T = time;
srand;
package main;
$code->(@ARGV);
exit 0;
`;
