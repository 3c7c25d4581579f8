# The functions of the installed reference implementation, for the programs here that ask it: nothing is started and no
# command line read. Dies where they cannot be had.
use strict;
use warnings;

sub load_reference {
    my $reference = '/usr/sbin/ldirectord';
    open my $program, '<', $reference or die "cannot read $reference: $!\n";
    my $source = do { local $/; <$program> };
    close $program;
    # The functions alone: the part between these two marks runs the command line.
    my $main = index $source, '# main code';
    my $functions = index $source, "# functions\nsub ld_init";
    die "$reference has another shape than the one known here\n" unless $main > 0 && $functions > $main;
    my $code = substr($source, 0, $main) . substr $source, $functions;
    $code =~ s/\@sysconfdir\@/\/etc/g;
    $code =~ s/\@sbindir\@/\/usr\/sbin/g;
    $code =~ s/\n__END__.*//s;
    local @ARGV = ('oracle', 'start');
    no strict;
    no warnings;
    eval "package main; $code; 1" or die "cannot compile $reference: $@";
    no warnings 'redefine';
    *ld_openlog = sub { 0 };
}

1;
