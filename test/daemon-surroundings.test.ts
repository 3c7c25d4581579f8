/** The program while the machine fails around it: a disk that is full, and a kernel whose files nobody can read. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { listening } from './helpers/listener.js';
import { cli, Program } from './helpers/process.js';
import { lacks } from './helpers/programs.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

const run = promisify(execFile);
const skip = process.getuid?.() === 0 ? lacks('unshare') || lacks('nsenter') || lacks('mount') : 'only root can mount';

/** A server of HTTP that answers 200, or 503 while it is not well. */
async function webServer(t: TestContext) {
  const state = { well: true };
  const server = createServer((_, response) => {
    response.statusCode = state.well ? 200 : 503;
    response.end();
  });
  return { state, name: `127.0.0.1:${await listening(t, server)}` };
}

/** Instances with mounts of their own, and a small disk for all that they keep. */
async function world(t: TestContext, lines: readonly string[]) {
  const folder = await temporaryDirectory(t);
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const [one, two] = [await webServer(t), await webServer(t)];
  const reals = [one, two].map(({ name }) => `real=${name} masq 100`);
  const own = [...reals, 'service=http', 'checkinterval=1', 'downinterval=1', 'quiescent=no', ...lines];
  const file = join(folder, 'web.cf');
  await writeFile(file, `virtual=192.0.2.1:80\n${own.map((line) => `\t${line}\n`).join('')}`);
  const port = await freePort();
  await writeFile(join(folder, 'ldirectord.ini'), `http = 127.0.0.1:${port}\n`);
  const environment = { ...process.env, LDIRECTORD_RUN_DIR: disk };
  const command = [process.execPath, cli, '--foreground', '--backend', 'memory', file, 'start'];
  /** The mounts last as long as this one. */
  const holder = new Program(t, 'unshare', [
    '-m',
    'sh',
    '-c',
    `mount -t tmpfs -o size=256k none ${disk}; echo; read x`,
  ]);
  await holder.line(/^$/);
  const within = ['-m', '-t', String(holder.child.pid)];
  const start = async (): Promise<Program> => {
    const program = new Program(t, 'nsenter', [...within, ...command], environment);
    await program.line(/Starting Linux Director/);
    return program;
  };
  return {
    one,
    two,
    start,
    disk: join(`/proc/${holder.child.pid}/root`, disk),
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    mount: (place: string) => run('nsenter', [...within, 'mount', '-t', 'tmpfs', 'none', place]),
    verb: async (...words: string[]) => {
      // Of the mounts it needs the socket alone, and of the kernel what any program needs.
      const env = { ...environment, LDIRECTORD_RUN_DIR: join(`/proc/${holder.child.pid}/root`, disk) };
      return run(process.execPath, [cli, '--backend', 'memory', file, ...words], { env, timeout: 60_000 });
    },
  };
}

/** Until nothing more goes onto it, at any size. */
async function fill(path: string): Promise<void> {
  for (const size of [65_536, 4_096, 1]) {
    for (let isFull = false; !isFull; ) {
      isFull = await writeFile(path, Buffer.alloc(size), { flag: 'a' }).then(
        () => false,
        () => true,
      );
    }
  }
}

test('a disk that is full costs the next run what policies know, is told once, and nothing else suffers', {
  skip,
}, async (t) => {
  const { one, two, start, disk, verb } = await world(t, ['flapdamping=600 600']);
  let program = await start();
  await program.line(new RegExp(`Added real server: ${two.name}`));
  const policies = join(disk, 'ldirectord.web.cf.policies');
  await fill(join(disk, 'filler'));

  one.state.well = false;
  await program.line(new RegExp(`Deleted real server: ${one.name}`));
  one.state.well = true;
  await program.line(new RegExp(`Held out though its checks pass: ${one.name} .*flapdamping after 1 fall`));
  const told = () => program.lines.filter(({ text }) => text.includes('What health policies knew is lost'));
  await until('it is told', () => told().length > 0);
  assert.match(told()[0]?.text ?? '', /a restart will not know of them: ENOSPC: .*ldirectord\.web\.cf\.policies'$/);
  // Each of these is to be kept, too.
  const { stdout, stderr } = await verb('drain', two.name, '--force');
  assert.match(`${stdout}${stderr}`, /a restart will forget it: ENOSPC: .*ldirectord\.web\.cf\.orders'/);
  await verb('undrain', two.name);
  await program.line(/Maintenance ended/);
  two.state.well = false;
  await program.line(new RegExp(`Deleted real server: ${two.name}`));
  two.state.well = true;
  await program.line(new RegExp(`Held out though its checks pass: ${two.name} `));
  assert.match((await verb('list')).stdout, new RegExp(`${two.name}.* held`));
  assert.equal(told().length, 1);

  await rm(join(disk, 'filler'));
  await verb('undrain', two.name);
  await until('it is kept again', async () => {
    const text = await readFile(policies, 'utf8').catch(() => '');
    return text.includes(one.name) && !text.includes(two.name);
  });
  program.child.kill('SIGKILL');
  await program.exit;
  program = await start();
  await program.line(new RegExp(`Held out though its checks pass: ${one.name} .*flapdamping after 1 fall`));
  assert.doesNotMatch(program.text, /is lost/);
  program.child.kill('SIGTERM');
  assert.equal(await program.exit, 0);
});

test('with neither /proc nor /sys to read, checks, verbs, a reload and the end are as ever', { skip }, async (t) => {
  const { one, two, start, mount, verb, metrics } = await world(t, ['flapdamping=2 60']);
  const program = await start();
  await program.line(new RegExp(`Added real server: ${two.name}`));
  for (const place of ['/sys', '/proc']) await mount(place);

  one.state.well = false;
  await program.line(new RegExp(`Deleted real server: ${one.name}`));
  await verb('reload');
  const lines = (await metrics()).split('\n');
  assert.ok(lines.some((line) => line.startsWith('nodejs_heap_size_used_bytes ')));
  assert.ok(!lines.some((line) => line.startsWith('process_resident_memory_bytes ')), 'it is in /proc');
  await verb('drain', two.name, '--force');
  await verb('undrain', two.name);
  // What they say of links and routes is not known then, rather than that there are none.
  two.state.well = false;
  await program.line(/All 2 checks fail: is it this machine\? links not known; routes not known$/);
  one.state.well = true;
  two.state.well = true;
  await program.line(/Added real server/);
  assert.match((await verb('list')).stdout, new RegExp(two.name));
  program.child.kill('SIGTERM');
  assert.equal(await program.exit, 0);
  assert.doesNotMatch(program.text, /Unforeseen/);
});
