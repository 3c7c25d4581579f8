/** Programs and Perl scripts of the administrator, and everything that they can come to. */

import { chmod, writeFile } from 'node:fs/promises';
import { nobody, type Question } from './question.js';

/** Of sh, each in a file that may be run. */
const programs: readonly (readonly [name: string, text: string])[] = [
  ['exits with 0', 'exit 0'],
  ['exits with 1', 'exit 1'],
  ['exits with 2', 'exit 2'],
  ['exits with 127', 'exit 127'],
  ['exits with 128', 'exit 128'],
  ['exits with 255', 'exit 255'],
  ['exits with 256', 'exit 256'],
  ['ends', ':'],
  ['ends after a failure', 'false'],
  ['writes, and is well', 'echo fine; echo fine >&2'],
  ['writes, and is not', 'echo sick; exit 1'],
  ['writes much', 'head -c 3000000 /dev/zero; exit 0'],
  ['writes much, and is not well', 'head -c 3000000 /dev/zero >&2; exit 1'],
  ['is killed by TERM', 'kill -TERM $$'],
  ['is killed by KILL', 'kill -KILL $$'],
  ['is killed by SEGV', 'kill -SEGV $$'],
  ['has closed descriptors', 'exec 0<&- 1>&- 2>&-; exit 0'],
  ['has closed descriptors, and is not well', 'exec 0<&- 1>&- 2>&-; exit 1'],
  ['reads', 'read -r line; test -z "$line"'],
  ['becomes another program', 'exec true'],
  ['becomes another program that fails', 'exec false'],
  ['leaves a child behind', 'sleep 1000 >/dev/null 2>&1 & exit 0'],
  ['takes a while', 'sleep 0.3; exit 0'],
  ['writes to nobody', 'exec 3>/dev/null; { sleep 0.2; echo x; echo x; } | true; exit 0'],
  ['is given four arguments', 'test "$#" = 4'],
  ['is given the virtual address', 'test "$1" = 192.0.2.1'],
  ['is given the virtual port', 'test "$2" = 9999'],
  ['is given the real address', 'test "$3" = 127.0.0.1'],
  ['is given the real port', 'test "$4" -gt 0'],
  ['stands in /', 'test "$(pwd)" = "$PWD"'],
];

/** Each is a script. What it is called with is told by its arguments. */
const scripts: readonly (readonly [name: string, text: string])[] = [
  ['exits with 0', 'exit 0;'],
  ['exits with 1', 'exit 1;'],
  ['exits with 255', 'exit 255;'],
  ['exits with 256', 'exit 256;'],
  ['exits with 512', 'exit 512;'],
  ['exits with 257', 'exit 257;'],
  ['exits with -1', 'exit -1;'],
  ['exits with -256', 'exit -256;'],
  ['exits with 0.5', 'exit 0.5;'],
  ['exits with -0.5', 'exit -0.5;'],
  ['exits with "0"', 'exit "0";'],
  ['exits with "0 but true"', 'exit "0 but true";'],
  ['exits with "0.0"', 'exit "0.0";'],
  ['exits with ""', 'exit "";'],
  ['exits with "abc"', 'exit "abc";'],
  ['exits with "1abc"', 'exit "1abc";'],
  ['exits with undef', 'exit undef;'],
  ['exits with a list', 'my @list = (); exit @list;'],
  ['exits with a list of one', 'my @list = (0); exit @list;'],
  ['exits with a comparison', 'my $found = 1; exit $found == 1 ? 0 : 1;'],
  ['exits with a comparison that fails', 'my $found = 2; exit $found == 1 ? 0 : 1;'],
  ['exits with what is not', 'my $found = 1; exit !$found;'],
  ['exits with one of two', 'my $status = 0; exit $status || 3;'],
  ['exits with a sum', 'exit 1 + -1;'],
  ['exits where it is told to', 'exit 2 if @ARGV != 4; exit 0 unless 0; exit 3;'],
  ['exits with nothing', 'exit;'],
  ['exits with what is true', 'exit(1 == 1);'],
  ['exits with what is false', 'exit(1 == 2);'],
  ['exits with a great number', 'exit 4294967296;'],
  ['exits with infinity', 'exit 9**9**9;'],
  ['exits with what is no number', 'exit -sin(9**9**9);'],
  ['exits with the status of a program', 'exit system("false");'],
  ['exits with the status of a program that is well', 'exit system("true");'],
  ['exits with the status of a program with its own', 'exit system("exit 3");'],
  ['exits with the status of no program', 'exit system("/no such/program");'],
  ['exits with the status of a program, shifted', 'exit system("exit 3") >> 8;'],
  ['exits with $?', 'system("false"); exit $?;'],
  ['exits with $? of backticks', 'my $said = `echo sick; exit 2`; exit $?;'],
  ['exits with $!', '$! = 2; exit $!;'],
  ['returns 0', 'return 0;'],
  ['returns 5', 'return 5;'],
  ['returns undef', 'return undef;'],
  ['ends with 0', '0;'],
  ['ends with 1', '1;'],
  ['is empty', ''],
  ['is a comment', '# nothing'],
  ['dies', 'die "oops\\n";'],
  ['dies with 0', 'die 0;'],
  ['dies with an object', 'die { code => 1 };'],
  ['dies within eval', 'eval { die "oops\\n" }; exit 0;'],
  ['exits within eval', 'eval { exit 3 }; exit 0;'],
  ['exits with 0 within eval', 'eval { exit 0 }; exit 3;'],
  ['exits in a function', 'sub verdict { exit 7 } verdict();'],
  ['exits in a sort', 'my @sorted = sort { exit 3 } 2, 1; exit 0;'],
  ['exits in a map', 'map { exit 3 } 1; exit 0;'],
  ['warns', 'warn "careful\\n"; exit 0;'],
  ['divides by zero', 'my $zero = 0; my $x = 1 / $zero; exit 0;'],
  ['calls what is not there', 'not_there(); exit 0;'],
  ['cannot be compiled', 'my $x = ;'],
  ['has a brace too few', 'if (1) { exit 0;'],
  ['is strict', 'use strict; use warnings; my $x = 1; exit($x - 1);'],
  ['is strict, and has a mistake', 'use strict; $mistaken = 1; exit 0;'],
  ['begins as a program', '#!/usr/bin/perl -w\nexit 0;'],
  ['loads a module', 'use POSIX (); exit(POSIX::floor(0.5));'],
  ['loads a module that is not there', 'use Not::There; exit 0;'],
  ['ends in a comment', 'exit 0; # well'],
  ['ends in documentation', 'exit 0;\n\n=head1 NAME\n\nsomething {\n'],
  ['has an end', 'exit 0;\n__END__\nthis is {\n'],
  ['has data', 'my $line = <DATA>; exit($line eq "yes\\n" ? 0 : 4);\n__DATA__\nyes\n'],
  ['prints', 'print "one\\n"; print STDERR "two\\n"; exit 0;'],
  ['prints, and is not well', 'print "sick\\n"; exit 1;'],
  ['prints much', 'print "x" x 65536 for 1 .. 20; exit 0;'],
  ['reads', 'my $line = <STDIN>; exit(defined $line ? 1 : 0);'],
  ['is given four arguments', 'exit(@ARGV == 4 ? 0 : 1);'],
  ['is given the addresses', 'exit("$ARGV[0] $ARGV[1] $ARGV[2]" eq "192.0.2.1 9999 127.0.0.1" ? 0 : 1);'],
  ['is given its arguments as a function', 'exit(@_ == 4 && $_[0] eq "192.0.2.1" ? 0 : 1);'],
  ['shifts', 'my $address = shift; exit($address eq "192.0.2.1" ? 0 : 1);'],
  ['becomes another program', 'exec "true";'],
  ['becomes another program that fails', 'exec "false";'],
  ['becomes no other program', '{ no warnings; exec "/no such/program"; } exit 0;'],
  ['ends at once', 'use POSIX (); POSIX::_exit(0);'],
  ['ends at once with a failure', 'use POSIX (); POSIX::_exit(1);'],
  ['exits by the real exit', 'CORE::exit(0);'],
  ['exits by the real exit with a failure', 'CORE::exit(1);'],
  ['exits while it is compiled', 'BEGIN { exit 0 }'],
  ['is killed by TERM', 'kill "TERM", $$; select undef, undef, undef, 0.5; exit 0;'],
  ['is killed by KILL', 'kill "KILL", $$; sleep 60;'],
  ['is hung up', 'kill "HUP", $$; select undef, undef, undef, 0.2; exit 0;'],
  ['ignores a broken pipe', 'pipe(my $r, my $w); close $r; syswrite $w, "x"; exit 0;'],
  ['has closed descriptors', 'close STDIN; close STDOUT; close STDERR; exit 0;'],
  ['has closed descriptors, and is not well', 'close STDIN; close STDOUT; close STDERR; exit 1;'],
  ['has closed all descriptors', 'use POSIX (); POSIX::close($_) for 0 .. 200; exit 0;'],
  ['has an alarm of its own', '$SIG{ALRM} = sub { exit 3 }; alarm 1; sleep 10; exit 0;'],
  ['has an alarm that it does not await', 'alarm 30; exit 0;'],
  ['leaves a child behind', 'my $pid = fork; if (!$pid) { exec "sleep", "1000" } exit 0;'],
  ['waits for a child', 'my $pid = fork; if (!$pid) { exec "false" } waitpid $pid, 0; exit($? >> 8);'],
  [
    'opens a program',
    'open(my $pipe, "-|", "echo well") or exit 2; my $said = <$pipe>; close $pipe; exit($said eq "well\\n" ? 0 : 1);',
  ],
  ['has a stray next', 'next; exit 0;'],
  ['has a stray last', 'last; exit 0;'],
  ['changes its status at its end', 'END { $? = 9 } exit 0;'],
  ['changes what a name means', 'no strict "refs"; local $, = "-"; local $/ = undef; exit 0;'],
  ['is in a package of its own', 'package Own; exit 0;'],
  ['uses a variable of the program', 'exit(defined $main::no_such_variable ? 1 : 0);'],
  ['goes to a place of its own', 'goto well; exit 1; well: exit 0;'],
  ['takes a while', 'select undef, undef, undef, 0.3; exit 0;'],
];

async function written(folder: string, name: string, text: string): Promise<string> {
  const file = `${folder}/${name.replaceAll(/\W+/g, '-')}`;
  await writeFile(file, text);
  await chmod(file, 0o755);
  return file;
}

/** Each in a file of its own in this folder. */
export async function programQuestions(folder: string): Promise<Question[]> {
  const questions: Question[] = [];
  const kinds = [
    ['external', programs.map(([name, text]) => [name, `#!/bin/sh\n${text}\n`])],
    ['external-perl', scripts],
  ] as const;
  for (const [checktype, table] of kinds) {
    for (const [index, [name = '', text = '']] of table.entries()) {
      const file = await written(folder, `${checktype}-${index}`, text);
      questions.push({
        name: `${checktype}: ${name}`,
        server: nobody,
        lines: [`checktype=${checktype}`, `checkcommand="${file}"`],
      });
    }
  }
  const endless = [
    ['external: hangs', '#!/bin/sh\nsleep 1000\n'],
    ['external-perl: hangs', 'sleep 1000; exit 0;'],
    ['external-perl: loops', 'while (1) {} exit 0;'],
  ] as const;
  for (const [name, text] of endless) {
    const checktype = `checktype=${name.replace(/:.*/, '')}`;
    const checkcommand = `checkcommand="${await written(folder, name, text)}"`;
    questions.push({ name, server: nobody, lines: [checktype, checkcommand, 'checktimeout=1'] });
  }
  const plain = await written(folder, 'plain', '#!/bin/sh\nexit 0\n');
  await chmod(plain, 0o644);
  const broken = await written(folder, 'no-program', 'no program\n');
  questions.push(
    {
      name: 'external: is not there',
      server: nobody,
      lines: ['checktype=external', 'checkcommand="/no/such/program"'],
    },
    { name: 'external: may not be run', server: nobody, lines: ['checktype=external', `checkcommand="${plain}"`] },
    { name: 'external: is no program', server: nobody, lines: ['checktype=external', `checkcommand="${broken}"`] },
    { name: 'external: is a folder', server: nobody, lines: ['checktype=external', `checkcommand="${folder}"`] },
    { name: 'external: is found in PATH', server: nobody, lines: ['checktype=external', 'checkcommand="true"'] },
    {
      name: 'external-perl: is not there',
      server: nobody,
      lines: ['checktype=external-perl', 'checkcommand="/no/such/script"'],
    },
    {
      name: 'external-perl: is a folder',
      server: nobody,
      lines: ['checktype=external-perl', `checkcommand="${folder}"`],
    },
  );
  return questions;
}
