import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { brief, checkOf } from '../../helpers/check.js';
import { until } from '../../helpers/deadline.js';
import { alive, withoutLeaks } from '../../helpers/leaks.js';
import { lacks } from '../../helpers/programs.js';

let folder = '';

before(() => {
  folder = mkdtempSync(`${tmpdir()}/external-perl-`);
});

after(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): string {
  const path = `${folder}/${name}`;
  writeFileSync(path, text);
  return path;
}

function run(command: string, changes: Partial<Check> = {}): Promise<ProbeResult> {
  return withoutLeaks(() => runProbe(checkOf({ type: 'external-perl', command, ...changes }), 'negotiate'));
}

function pidIn(name: string): number {
  return Number(readFileSync(`${folder}/${name}`, 'utf8'));
}

async function gone(name: string): Promise<void> {
  const pid = pidIn(name);
  assert.ok(pid > 1);
  await until(`process ${pid} is gone`, () => !alive(pid));
}

/** What a script does, and what is said of it. As the reference judges, except where the name says so. */
const table: readonly (readonly [name: string, text: string, ok: boolean, reason: RegExp])[] = [
  ['exits with 0', 'exit 0;', true, /^command: exit status 0$/],
  ['exits with another status', 'exit 3;', false, /^command: exit status 3$/],
  ['returns a value', 'return 5;', true, /^command: exit status 0$/],
  ['ends', '1;', true, /^command: exit status 0$/],
  ['exits inside of eval', 'eval { exit 3 }; exit 0;', false, /^command: exit status 3$/],
  ['exits in a function', 'sub verdict { exit($_[0] eq "10.0.0.1" ? 0 : 7) } verdict($ARGV[2]);', true, /status 0$/],
  [
    'shifts its arguments as a function',
    'my $v = shift; exit(@ARGV == 4 && $v eq $ARGV[0] ? 0 : 8);',
    true,
    /status 0$/,
  ],
  ['exits with what system() gives', 'exit system("false");', false, /^command: exit status 1$/],
  ['exits with what system() gives, up', 'exit system("true");', true, /status 0$/],
  ['exits with what system() gave', '`false`; exit $?;', false, /^command: exit status 1$/],
  ['exits with 256', 'exit 256;', false, /^command: exit status 1$/],
  ['exits with -256', 'exit(-256);', false, /^command: exit status 1$/],
  ['exits with 257', 'exit 257;', false, /^command: exit status 1$/],
  ['exits with -1', 'exit -1;', false, /^command: exit status 255$/],
  ['exits with a half', 'exit 0.5;', false, /^command: exit status 1$/],
  ['exits with a number beyond all', 'exit 9**9**9;', false, /^command: exit status \d+$/],
  ['exits with what is no number', 'exit "abc";', true, /status 0$/],
  ['exits with nothing', 'exit;', true, /status 0$/],
  ['exits with a list', 'my @status = (0, 3); exit @status;', true, /status 0$/],
  ['exits with a choice', 'my $found = 1; exit $found ? 0 : 2;', true, /status 0$/],
  ['exits with a comparison', 'exit $ARGV[1] == 443;', true, /status 0$/],
  ['exits with 256 in text that it compiles itself', 'eval "exit 256"; exit 0;', false, /^command: exit status 1$/],
  ['dies', 'die "oops\\n";', false, /^command: exit status \d+: oops$/],
  ['cannot be compiled', 'my $x = ;', false, /^command: the script cannot be compiled: syntax error at .*line 1/],
  ['is strict', '#!/usr/bin/perl -w\nuse strict;\nuse warnings;\nmy $x = 1;\nexit 0;\n', true, /status 0$/],
  ['is not strict, whatever its host is', '$x = 1; exit 0;', true, /status 0$/],
  [
    'has data, which the reference cannot read',
    'exit(<DATA> eq "yes\\n" ? 0 : 4);\n__DATA__\nyes\n',
    true,
    /status 0$/,
  ],
  ['ends in documentation', 'exit 0;\n\n=head1 NAME\n\nsomething { \n', true, /status 0$/],
  ['changes its status at its end, which the reference does not see', 'END { $? = 9 } exit 0;', false, /status 9$/],
  ['prints', 'print "one\\ntwo\\n"; print STDERR "three\\n"; exit 2;', false, /^command: exit status 2: two$/],
  [
    'prints without end',
    'print "x" x 65536 for 1 .. 200; print "\\nend\\n"; exit 1;',
    false,
    /^command: exit status 1: end$/,
  ],
  ['is killed', 'kill "TERM", $$; sleep 60;', false, /^command: killed by SIGTERM$/],
  ['says farewell to who has gone', 'pipe(my $r, my $w); close $r; syswrite $w, "bye"; exit 0;', true, /status 0$/],
  ['has a stray next', 'next; exit 0;', false, /^command: exit status \d+: Can't "next" outside a loop block/],
  ['exits while it is compiled', 'BEGIN { exit 0 }', false, /^command: the Perl process has ended \(exit status 0\)$/],
  ['reads', 'exit(defined <STDIN> ? 1 : 0);', true, /status 0$/],
  [
    'has the parent killed',
    'kill "KILL", getppid; sleep 60;',
    false,
    /^command: the Perl process has ended \(SIGKILL\)$/,
  ],
];

describe('external-perl', { skip: lacks('perl') }, () => {
  afterEach(releaseKept);

  for (const [name, text, ok, reason] of table) {
    it(name, async () => {
      const command = script('one.pl', text);
      const args = ['192.0.2.1', '80', '10.0.0.1', '8080'];
      for (const _ of [1, 2]) {
        const result = await run(command, { args });
        assert.match(result.reason, reason);
        assert.equal(result.ok, ok);
      }
    });
  }

  it('is compiled once, and each check begins as the first did', async () => {
    const command = script(
      'once.pl',
      `our $n; BEGIN { open my $f, '>>', '${folder}/compiled'; print $f "x"; } $n++; print "$n \${\\rand} @ARGV $ENV{LDIRECTORD_REAL} $0"; exit 1;`,
    );
    const said = new Set<string>();
    for (const real of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) {
      const { reason } = await run(command, { args: ['1', '80', real, ''] });
      assert.match(reason, new RegExp(`^command: exit status 1: 1 \\S+ 1 80 ${real}  ${real} ${command}$`));
      said.add(reason.split(' ')[5] ?? '');
    }
    assert.equal(said.size, 3, 'each has random numbers of its own');
    assert.equal(readFileSync(`${folder}/compiled`, 'utf8'), 'x');
  });

  it('is compiled anew when it has changed', async () => {
    const command = script('changes.pl', 'exit 1;');
    assert.equal((await run(command)).reason, 'command: exit status 1');
    script('changes.pl', 'this is {');
    assert.match((await run(command)).reason, /cannot be compiled/);
    script('changes.pl', 'exit 0; # right');
    assert.equal((await run(command)).ok, true);
  });

  it('loops: it ends at the deadline with what it started, and the others go on', async () => {
    const loops = script(
      'loops.pl',
      `my $stray = fork; if (!$stray) { setpgrp 0, 0; write_pid('stray'); sleep 1000; }
       write_pid('looping'); print "round and round\\n"; STDOUT->flush; while (1) {}
       sub write_pid { open my $f, '>', '${folder}/' . shift; print $f $$; }`,
    );
    const other = script('other.pl', 'exit 0;');
    const [result] = await Promise.all([run(loops, { checkTimeout: 10 * brief }), run(other), run(other)]);
    assert.equal(result.reason, 'command: not done within 4 s: round and round');
    await gone('looping');
    await gone('stray');
    assert.equal((await run(other)).ok, true);
  });

  it('loops while it is compiled: the deadline holds there too', async () => {
    const command = script(
      'begin.pl',
      `BEGIN { open my $f, '>', '${folder}/begin'; print $f $$; close $f; while (1) {} }`,
    );
    const result = await run(command, { checkTimeout: 10 * brief });
    assert.equal(result.reason, 'command: not done within 4 s');
    await gone('begin');
  });

  it('is not there', async () => {
    assert.equal((await run('/no such/script')).reason, 'command: /no such/script: no such file (ENOENT)');
  });

  it('runs many at once', async () => {
    const command = script('many.pl', 'select undef, undef, undef, 0.05; exit($ARGV[3] % 2);');
    const checks = Array.from({ length: 100 }, (_, n) =>
      checkOf({ type: 'external-perl', command, args: ['', '', '', String(n)] }),
    );
    const results = await withoutLeaks(() => Promise.all(checks.map((check) => runProbe(check, 'negotiate'))));
    assert.deepEqual(
      results.map(({ ok }) => ok),
      checks.map((_, n) => n % 2 === 0),
    );
  });

  it('ends with what it runs when its peer does', async () => {
    const command = script('orphan.pl', `open my $f, '>', '${folder}/orphan'; print $f $$; close $f; sleep 1000;`);
    const running = run(command, { checkTimeout: 20_000 });
    await until('the script runs', () => {
      try {
        return pidIn('orphan') > 1;
      } catch {
        return false;
      }
    });
    await releaseKept();
    assert.equal((await running).reason, 'command: the Perl process has ended (SIGKILL)');
    await gone('orphan');
  });
});

describe('external-perl that is let go of', { skip: lacks('perl') }, () => {
  it('ends a check that has begun and of which it has not been told', async () => {
    const command = script(
      'untold.pl',
      `BEGIN {
         no warnings;
         my $say = \\&Ldirectord::Host::say_to_peer;
         *Ldirectord::Host::say_to_peer = sub { sleep 1000 if $_[0] eq 'started'; $say->(@_) };
       }
       open my $f, '>', '${folder}/untold'; print $f $$; close $f; sleep 1000;`,
    );
    const running = run(command, { checkTimeout: 20_000 });
    await until('the script runs', () => existsSync(`${folder}/untold`) && pidIn('untold') > 1);
    await releaseKept();
    assert.equal((await running).reason, 'command: the Perl process has ended (SIGKILL)');
    await gone('untold');
  });

  it('ends what has left the group of its script', async () => {
    const command = script(
      'leaver.pl',
      `system "setsid sh -c 'echo \\$\\$ > ${folder}/leaver; exec sleep 1000' & sleep 1000";`,
    );
    const running = run(command, { checkTimeout: 20_000 });
    await until('it has left', () => existsSync(`${folder}/leaver`) && pidIn('leaver') > 1);
    await releaseKept();
    assert.equal((await running).reason, 'command: the Perl process has ended (SIGKILL)');
    await gone('leaver');
  });
});

describe('external-perl without perl', () => {
  it('says so', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      const { reason } = await run(script('x.pl', 'exit 0;'));
      assert.equal(reason, 'command: perl: no such file (ENOENT)');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
