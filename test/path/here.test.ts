import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openHere } from '../../src/path/here.js';
import type { RunOptions, ShellResult } from '../../src/path/shell.js';
import { until, within } from '../helpers/deadline.js';
import { alive, withoutLeaks } from '../helpers/leaks.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** More than any script here takes on a busy machine. */
const ample = 60_000;
const options: RunOptions = { deadline: ample, asRoot: false };

const run = (script: string, changes: Partial<RunOptions> = {}): Promise<ShellResult> =>
  within(`the end of: ${script.slice(0, 60)}`, openHere().run(script, { ...options, ...changes }), 2 * ample);

function faultOf(result: ShellResult): { code: string; message: string; remedy: string } {
  assert.ok(!result.ok, JSON.stringify(result));
  assert.notEqual(result.fault.remedy, '');
  return result.fault;
}

describe('a script on this machine', () => {
  const table: readonly (readonly [name: string, script: string, expected: Partial<ShellResult & { ok: true }>])[] = [
    ['its outputs apart', 'echo out; echo err >&2', { status: 0, stdout: 'out\n', stderr: 'err\n' }],
    ['its status', 'echo before; exit 3; echo after', { status: 3, stdout: 'before\n' }],
    ['the status of its last command', 'true\nfalse', { status: 1, stdout: '' }],
    ['nothing', '', { status: 0, stdout: '', stderr: '' }],
    ['output without an end of line', 'printf "%s" "ä €"', { stdout: 'ä €' }],
    ['several lines, quotes and a document', `cat <<'END'\n$HOME 'x' "y" \\\nEND\n`, { stdout: `$HOME 'x' "y" \\\n` }],
    ['no input', 'cat; read -r line; echo "[$line]"', { status: 0, stdout: '[]\n' }],
    ['its own end by a signal', "kill -9 $(exec sh -c 'echo $PPID'); sleep 30", { status: 137 }],
    ['a command that is not there', 'no-such-command-here', { status: 127 }],
    ['one language', 'echo $LC_ALL', { stdout: 'C\n' }],
  ];
  for (const [name, script, expected] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => run(script));
      assert.deepEqual({ ...result, ...expected }, result);
      assert.ok(result.ok);
    });
  }

  it('one with an error of syntax does nothing at all', async () => {
    const result = await run('echo begun\nif true; then\n');
    assert.ok(result.ok && result.status !== 0 && result.stdout === '', JSON.stringify(result));
  });

  it('finds programs of the administrator', async () => {
    const result = await run('case :$PATH: in *:/usr/sbin:*:/sbin:*) echo found;; esac');
    assert.ok(result.ok && result.stdout === 'found\n', JSON.stringify(result));
  });

  it('is in no list of processes', async () => {
    const result = await run(': hunter2; cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -c hunter[2]');
    assert.ok(result.ok && result.stdout === '0\n', JSON.stringify(result));
  });

  it('one of a megabyte', async () => {
    const result = await run(`: '${'x'.repeat(1024 * 1024)}'\necho done`);
    assert.ok(result.ok && result.stdout === 'done\n', JSON.stringify(result));
  });

  it('runs beside others', async () => {
    const shell = openHere();
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const results = await Promise.all(numbers.map((number) => shell.run(`echo ${number}`, options)));
    assert.deepEqual(
      results.map((result) => (result.ok ? result.stdout : result.fault)),
      numbers.map((number) => `${number}\n`),
    );
  });
});

describe('a script on this machine that is ended', () => {
  it('at its deadline, with what it has started', async (t) => {
    const file = join(await temporaryDirectory(t), 'pids');
    const script = `sleep 300 & echo $! >>${file}; sh -c 'echo $$ >>${file}; sleep 300; true'; true`;
    const fault = faultOf(await withoutLeaks(() => run(script, { deadline: 3000 })));
    assert.equal(fault.code, 'timed-out');
    assert.match(fault.message, /^this machine: not done within 3 s, in this phase: /);
    // Where the machine is that busy, it may not have begun.
    const written = await readFile(file, 'utf8').catch(() => '');
    const pids = written
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
    for (const pid of pids) await until(`process ${pid} has ended`, () => !alive(pid));
  });

  it('where it pays no attention to signals, and leaves its output open', async () => {
    const result = await withoutLeaks(() => run("trap '' TERM INT HUP; while :; do sleep 1; done", { deadline: 500 }));
    assert.equal(faultOf(result).code, 'timed-out');
  });

  it('when the signal aborts, and not even begun after that', async (t) => {
    const file = join(await temporaryDirectory(t), 'begun');
    const stop = new AbortController();
    const running = withoutLeaks(() => run(`echo $$ >${file}; sleep 300`, { signal: stop.signal }));
    await until('it has begun', () =>
      readFile(file).then(
        ({ length }) => length > 0,
        () => false,
      ),
    );
    stop.abort();
    assert.deepEqual(faultOf(await running), {
      code: 'aborted',
      message: 'this machine: given up in this phase: script',
      remedy: 'run it again',
    });
    assert.equal(faultOf(await run(`rm ${file}`, { signal: stop.signal })).code, 'aborted');
    assert.notEqual((await readFile(file)).length, 0);
  });

  it('when it floods', async () => {
    const floods = ['yes', 'yes >&2', 'head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; sleep 300'];
    for (const flood of floods) {
      const fault = faultOf(await withoutLeaks(() => run(flood)));
      assert.deepEqual([fault.code, fault.message], ['output-too-long', 'this machine: more than 4 MiB of output']);
    }
  });

  it('when nobody reads any more: the program that ran it was killed', async (t) => {
    const directory = await temporaryDirectory(t);
    const { spawn } = await import('node:child_process');
    const here = new URL('../../src/path/here.js', import.meta.url).href;
    const program = `import { openHere } from ${JSON.stringify(here)};
      void openHere().run('echo $$ >${directory}/begun; exec sleep 300', { deadline: 300_000, asRoot: false });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    t.after(() => child.kill('SIGKILL'));
    const begun = () => readFile(`${directory}/begun`, 'utf8').catch(() => '');
    await until('it has begun', async () => (await begun()).endsWith('\n'));
    const children = async (pid: number) => (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
    const shell = Number(await begun());
    const [script = ''] = (await children(shell)).split(' ');
    assert.ok(alive(Number(script)));
    child.kill('SIGKILL');
    await until('the script has ended', () => !alive(Number(script)) && !alive(shell));
  });

  it('is run by nobody who has been closed', async () => {
    const shell = openHere();
    await shell.close();
    assert.equal(faultOf(await shell.run('true', options)).code, 'aborted');
  });
});
