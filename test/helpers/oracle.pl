#!/usr/bin/perl
# Asks the installed reference implementation what it understands of configuration texts.
#
# Standard input: for each text its length in bytes on a line of its own, then the text. Standard output:
# one line of JSON for each, in order: {"ok":false,"line":N,"message":"…"} or {"ok":true,"global":{…},
# "virtual":[…],"hosts":{…}}. Nothing is started and no table is touched.
#
# The program is compiled once; each text is parsed in a child of its own, since the parser keeps what it
# understood in global variables. Host names resolve to 192.0.2.N or 2001:db8::N
# in order of appearance.
use strict;
use warnings;
use File::Temp;
use FindBin;
use JSON::PP;

# A text whose parsing takes longer has sent the parser into a loop.
my $seconds = 20;

require "$FindBin::Bin/reference.pl";
load_reference();

our (@VIRTUAL, $CONFIG, $HOSTNAME, %LD_INSTANCE);
my ($error, @warnings, %hosts);
{
    no warnings qw(redefine once);
    my $literal = \&ld_gethostbyname;
    *config_error = sub { $error = { line => $_[0], message => $_[1] }; die "configuration error\n" };
    *config_warn = sub { push @warnings, { line => $_[0], message => $_[1] } };
    *ld_gethostbyname = sub {
        my ($name, $family) = @_;
        my $bare = $name =~ /\[(.*)\]/ ? $1 : $name;
        # Literal addresses, and what is no name that a resolver could know, go the reference's own way.
        return $literal->($name, $family) if $bare =~ /^[\d.]+$/ || $bare !~ /^[\w.-]+$/;
        # A name has another address in each family.
        my $six = defined $family && $family == AF_INET6();
        my $address = ($six ? '2001:db8::' : '192.0.2.') . (1 + keys %hosts);
        $address = $hosts{$bare . ($six ? ' inet6' : ' inet')} ||= $address;
        return $six ? "[$address]" : $address;
    };
}

# Directive to the variable that holds its value.
my %globals = (
    autoreload => 'AUTOCHECK', callback => 'CALLBACK', checkcount => 'CHECKCOUNT',
    checkinterval => 'CHECKINTERVAL', checktimeout => 'CHECKTIMEOUT', cleanstop => 'CLEANSTOP',
    emailalert => 'EMAILALERT', emailalertfreq => 'EMAILALERTFREQ', emailalertfrom => 'EMAILALERTFROM',
    emailalertstatus => 'EMAILALERTSTATUS', failurecount => 'FAILURECOUNT', fallback => 'FALLBACK',
    fallback6 => 'FALLBACK6', fallbackcommand => 'FALLBACKCOMMAND', fork => 'FORKING', logfile => 'LDIRLOG',
    maintenancedir => 'MAINTDIR', negotiatetimeout => 'NEGOTIATETIMEOUT', quiescent => 'QUIESCENT',
    readdquiescent => 'READDQUIESCENT', smtp => 'SMTP', supervised => 'SUPERVISED',
);

sub answer {
    my ($file) = @_;
    $CONFIG = $file;
    $HOSTNAME = 'director';
    eval { local $SIG{__WARN__} = sub { }; read_config(); };
    my $died = $@;
    return { ok => JSON::PP::false, %$error } if $error;
    return { ok => JSON::PP::false, line => 0, message => $died } if $died;
    no strict 'refs';
    my %global = map { $_ => ${"main::$globals{$_}"} } keys %globals;
    $global{execute} = [sort keys %LD_INSTANCE];
    return {
        ok => JSON::PP::true, global => \%global, virtual => \@VIRTUAL, hosts => \%hosts, warnings => \@warnings,
    };
}

my $json = JSON::PP->new->canonical->allow_blessed;
my $file = File::Temp->new;
# A relative monitorfile is opened at once.
my $directory = File::Temp->newdir;
chdir $directory or die "cannot enter $directory: $!\n";
$| = 1;
binmode STDIN;
while (defined(my $length = <STDIN>)) {
    chomp $length;
    my $text = '';
    while (length $text < $length) {
        read STDIN, $text, $length - length $text, length $text or die "input ends within a text\n";
    }
    open my $out, '>', $file->filename or die "cannot write $file: $!\n";
    print $out $text;
    close $out or die "cannot write $file: $!\n";
    my $child = fork;
    die "cannot fork: $!\n" unless defined $child;
    if (!$child) {
        alarm $seconds;
        # Strings are bytes throughout, so what was UTF-8 in the file is UTF-8 in the answer.
        print $json->encode(answer($file->filename)), "\n";
        # Not exit: the temporary file belongs to the parent.
        close STDOUT;
        POSIX::_exit(0);
    }
    waitpid $child, 0;
    print qq({"ok":false,"line":0,"message":"the parser died: status $?"}\n) if $? != 0;
}
chdir '/';
