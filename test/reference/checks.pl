#!/usr/bin/perl
# Asks the check functions of the installed reference implementation what they make of servers.
#
# Standard output begins with a line of the modules that are missing here. Standard input: a line for each question,
# with tabs between a number, how often the server is checked, the seconds that all of it may take, and the
# configuration file, whose first real server is checked. Standard output: for each, as it is done, the number and
# how the server stands after each check, `up` or `down`; then, where it did not go on, `late`, `gone` for the
# program itself being ended by its check, or `refused` for the file.
#
# All is loaded once, and each question asked in a process of its own. Another one waits for it, since the check of a
# server can end the process, replace it, close its descriptors and hang for good.
use strict;
use warnings;
use File::Temp;
use FindBin;
use POSIX ();
use Sys::Hostname;

require "$FindBin::Bin/../helpers/reference.pl";
load_reference();

# What the checks load when they first need it.
my @modules = qw(
    Authen::Radius DBD::Pg DBD::mysql DBI IO::Socket::SSL LWP::Protocol::http LWP::Protocol::https Mail::POP3Client
    Net::DNS Net::FTP Net::IMAP::Simple Net::IMAP::Simple::SSL Net::LDAP Net::Ping Net::SMTP
);
my @missing = grep { !eval "local \$SIG{__WARN__} = sub { }; require $_; 1" } @modules;

our (@VIRTUAL, $CONFIG, $HOSTNAME, $DAEMON_TERM);
$HOSTNAME = hostname();
my $standing = 'down';
{
    no warnings qw(redefine once);
    *config_error = sub { die "configuration error\n" };
    *config_warn = sub { };
    *ld_log = sub { };
    *service_set = sub { $standing = $_[2] };
}
my $directory = File::Temp->newdir;

sub check {
    my ($rounds, $file, $result) = @_;
    my $tell = sub {
        # Opened each time: a script may close whatever is open.
        open my $out, '>>', $result or POSIX::_exit(1);
        print $out " $_[0]";
        close $out;
    };
    # As the running program has them.
    $SIG{$_} = \&ld_handler_term for qw(INT QUIT ILL ABRT FPE SEGV TERM BUS SYS XCPU XFSZ);
    $SIG{PIPE} = 'IGNORE';
    $SIG{HUP} = \&ld_handler_hup;
    $SIG{CHLD} = \&ld_handler_chld;
    local $SIG{__WARN__} = sub { };
    $CONFIG = $file;
    if (!eval { read_config(); ld_setup(); 1 }) {
        $tell->('refused end');
        return;
    }
    my ($virtual) = @VIRTUAL;
    my ($real) = @{ $virtual->{real} };
    for my $round (1 .. $rounds) {
        my $through = 0;
        # In the program, too, a check is within a loop: a script can leave that.
        for my $once (1) {
            no warnings 'exiting';
            # Nothing catches there what a check lets through.
            $through = eval { $through = 1; _check_real($virtual, $real); 1 };
        }
        # A signal that ends the program does so between checks.
        if (!$through || defined $DAEMON_TERM) {
            $tell->('gone end');
            return;
        }
        $tell->($standing);
    }
    $tell->('end');
}

sub wait_for {
    my ($number, $rounds, $seconds, $file) = @_;
    my $result = "$directory/$number";
    my $pid = fork;
    die "cannot fork: $!\n" unless defined $pid;
    if ($pid == 0) {
        setpgrp 0, 0;
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        check($rounds, $file, $result);
        POSIX::_exit(0);
    }
    eval { setpgrp $pid, $pid };
    my $late = 0;
    local $SIG{ALRM} = sub { $late = 1; kill 'KILL', -$pid };
    alarm $seconds;
    while (waitpid($pid, 0) == -1 && $!{EINTR}) { }
    alarm 0;
    kill 'KILL', -$pid;
    my $told = '';
    if (open my $in, '<', $result) {
        $told = <$in> // '';
        close $in;
        unlink $result;
    }
    $told .= $late ? ' late' : ' gone' unless $told =~ s/ end$//;
    syswrite STDOUT, "$number$told\n";
}

syswrite STDOUT, "@missing\n";
$SIG{CHLD} = 'IGNORE';
while (my $question = <STDIN>) {
    chomp $question;
    my $pid = fork;
    die "cannot fork: $!\n" unless defined $pid;
    next if $pid;
    $SIG{CHLD} = 'DEFAULT';
    open STDIN, '<', '/dev/null';
    wait_for(split /\t/, $question);
    POSIX::_exit(0);
}
