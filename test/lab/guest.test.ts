import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { guestMissing } from './availability.js';
import { runInGuest } from './guest.js';
import { compilerMissing, neededLibraries, preloading } from './processor.js';

const skip = guestMissing();
const deadline = 60_000;
const runner = fileURLToPath(new URL('run.js', import.meta.url));

/** A folder in which the guests of this test, and no others, keep what they need. */
async function ownFolder(t: TestContext): Promise<string> {
  const folder = await temporaryDirectory(t);
  setEnvironment(t, 'TMPDIR', folder);
  return folder;
}

/** For this test alone. */
function setEnvironment(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

/** What is left of guests: files in the folder, and processes that name it on their command line. */
async function leftovers(folder: string): Promise<string[]> {
  const found = await readdir(folder);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process that ends meanwhile is none.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(folder)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

/** A killed process may take a moment to be gone. */
async function assertGone(folder: string): Promise<void> {
  await until('the guest is gone', async () => (await leftovers(folder)).length === 0);
}

async function firstOutput(child: ChildProcess): Promise<void> {
  assert.ok(child.stdout);
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(deadline) });
}

test('a command runs as root with IPVS, on a file system that keeps nothing; its words and status come out', {
  skip,
}, async (t) => {
  const folder = await ownFolder(t);
  let output = '';
  const script =
    'id -u; printf "%s\\n" "$1" "$WORD"; echo also >&2; ipvsadm -A -t 192.0.2.1:80 && ipvsadm -Sn; touch /etc/here; exit 7';
  const words = `it's "two" words`;
  const result = await runInGuest({
    command: ['sh', '-c', script, 'sh', words],
    env: { WORD: words },
    deadline,
    onOutput: (text) => {
      output += text;
    },
  });
  assert.equal(result.status, 7, `${result.failure}\n${result.console}`);
  assert.equal(output, `0\n${words}\n${words}\nalso\n-A -t 192.0.2.1:80 -s wlc\n`);
  assert.ok(!(await readdir('/etc')).includes('here'));
  await assertGone(folder);
});

test('a command that does not end in time ends with its guest', { skip }, async (t) => {
  const folder = await ownFolder(t);
  const { status, failure } = await runInGuest({ command: ['sleep', '1000'], deadline: 4_000 });
  assert.equal(status, null);
  assert.equal(failure, 'still running after 4 s');
  await assertGone(folder);
});

test('a guest that goes down says so', { skip }, async (t) => {
  const folder = await ownFolder(t);
  const { status, failure } = await runInGuest({ command: ['poweroff', '-f'], deadline });
  assert.equal(status, null);
  assert.equal(failure, 'the guest went down');
  await assertGone(folder);
});

test('nothing is left when who started the guest is killed, even without a word', { skip }, async (t) => {
  const folder = await ownFolder(t);
  const child = spawn(process.execPath, [runner, 'sh', '-c', 'echo up; sleep 1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await firstOutput(child);
  assert.notDeepEqual(await leftovers(folder), []);
  child.kill('SIGKILL');
  await assertGone(folder);
});

/** Whether this user may mount over what others see, in a namespace of its own. */
const cannotHide =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
    ? false
    : 'this user cannot hide the host’s /lib/modules';

test('the host need not have the guest’s modules where its own are', { skip: skip || cannotHide }, async (t) => {
  const folder = await ownFolder(t);
  // A mount namespace of its own: nobody else sees the folder empty. Where it is not there, nothing is to be hidden.
  const hidden = '[ ! -d /lib/modules ] || mount -t tmpfs none /lib/modules && exec "$@"';
  const child = spawn(
    'unshare',
    ['-m', 'sh', '-c', hidden, 'sh', process.execPath, runner, 'sh', '-c', 'ls /proc/net/ip_vs'],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: deadline },
  );
  t.after(() => child.kill('SIGKILL'));
  const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual([code, ...(await output)], [0, '/proc/net/ip_vs\n', '']);
  await assertGone(folder);
});

const flags = (line: string): string => `processor\t: 0\nflags\t\t: fpu ${line}\nbugs\t\t: amx_tile_of_another_name\n`;

test('a library is needed where the processor has AMX, and nowhere else', () => {
  assert.deepEqual(neededLibraries(flags('avx512f amx_tile amx_int8')), ['complete-state']);
  assert.deepEqual(neededLibraries(flags('avx512f pku')), []);
});

const bothLibraries = ['complete-state', 'large-state'] as const;
const cannotSimulate = skip || compilerMissing(bothLibraries);

test('on a machine with AMX a guest boots by the completed state, and not without', {
  skip: cannotSimulate,
}, async (t) => {
  const folder = await ownFolder(t);
  const root = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'init=/bin/true'];
  const boot = ['linux.uml', 'mem=64M', ...root, 'con=null', 'con0=null,fd:2', `uml_dir=${folder}/`];
  const [program = '', ...args] = [...(await preloading(['large-state'], folder)), ...boot];
  const alone = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: deadline });
  t.after(() => alone.kill('SIGKILL'));
  assert.match(await textOf(alone.stderr), /ptrace set fp regs failed, errno = 14/);

  setEnvironment(t, 'LAB_AMX', 'simulated');
  // Two programs that reckon with floating point, in turns.
  const sum = 'BEGIN { for (i = 1; i <= 2e5; i++) s += 1 / (i * i); exit s < 1.6449 || s > 1.645 }';
  const command = ['sh', '-c', 'awk "$1" & awk "$1" && wait $!', 'sh', sum];
  const { status, failure, console } = await runInGuest({ command, deadline });
  assert.equal(status, 0, `${failure}\n${console}`);
});
