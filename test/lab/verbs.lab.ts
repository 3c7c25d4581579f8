import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { cli } from '../helpers/process.js';
import { Client, tally } from './inside/client.js';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';

const folder = '/etc/ha.d';
const name = 'verbs.cf';
const pidFile = `/var/run/ldirectord.${name}.pid`;
const good = 'virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n';
const broken = `bogus=1\n${good}`;

interface Program {
  readonly command: readonly [string, ...string[]];
}

const reference: Program = { command: ['/usr/sbin/ldirectord'] };
const ours: Program = { command: [process.execPath, cli] };

function statusOf({ command: [file, ...args] }: Program, ...words: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, [...args, ...words], { timeout: 60_000 }, (error) => {
      const { code = 0 } = (error ?? {}) as { code?: number | string };
      if (typeof code === 'number') resolve(code);
      else reject(error);
    });
    child.stdin?.end();
  });
}

async function pid(): Promise<number | null> {
  const number = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  const line = await readFile(`/proc/${number}/cmdline`, 'latin1').catch(() => '');
  return line.includes('ldirectord') ? number : null;
}

/** What the administrator finds, and how it comes about. */
const situations: Readonly<Record<string, (program: Program) => Promise<void>>> = {
  stopped: async () => {
    const running = await pid();
    if (running !== null) process.kill(running, 'SIGTERM');
    await eventually('it is gone', async () => (await pid()) === null);
    await rm(pidFile, { force: true });
    await run('ipvsadm', '-C');
    await writeFile(`${folder}/${name}`, good);
  },
  running: async (program) => {
    await writeFile(`${folder}/${name}`, good);
    if ((await pid()) === null) await statusOf(program, name, 'start');
    await eventually('it runs', async () => (await pid()) !== null);
    await eventually('its table stands', async () => (await savedRules()).length === 2);
  },
  'running, broken file': async (program) => {
    await situations['running']?.(program);
    await writeFile(`${folder}/${name}`, broken);
  },
  'stopped, broken file': async (program) => {
    await situations['stopped']?.(program);
    await writeFile(`${folder}/${name}`, broken);
  },
  'stale pid file': async (program) => {
    await situations['stopped']?.(program);
    await writeFile(pidFile, '99999\n');
  },
  'no file': async (program) => {
    await situations['stopped']?.(program);
    await rm(`${folder}/${name}`);
  },
};

/** The exit status of both, or of the reference and of ours where they differ. */
type Expected = number | readonly [reference: number, ours: number];

const expected: readonly (readonly [situation: string, verb: string, status: Expected])[] = [
  ['stopped', 'status', 3],
  ['stopped', 'stop', 0],
  ['stopped', 'reload', 1],
  ['stopped', 'force-reload', 1],
  ['stopped', 'try-restart', 0],
  ['stopped', 'start', 0],
  ['running', 'status', 0],
  ['running', 'start', 0],
  ['running', 'reload', 0],
  ['running', 'force-reload', 0],
  ['running', 'try-restart', 0],
  ['running', 'restart', 0],
  ['running', 'stop', 0],
  ['stopped', 'restart', 0],
  // They need the pid file alone.
  ['running, broken file', 'status', [2, 0]],
  ['running, broken file', 'reload', [2, 0]],
  ['running, broken file', 'restart', 2],
  ['running, broken file', 'stop', [2, 0]],
  ['stopped, broken file', 'start', 2],
  ['stopped, broken file', 'status', [2, 3]],
  ['stale pid file', 'status', 1],
  ['stale pid file', 'reload', 1],
  ['stale pid file', 'stop', 0],
  ['stale pid file', 'try-restart', 0],
  ['stale pid file', 'start', 0],
  ['no file', 'start', 1],
  // The usage of a wrong command line: 255 is what Perl's die leaves behind.
  ['stopped', 'dance', [255, 2]],
];

test('verbs and exit statuses, side by side with the reference', async (t) => {
  await mkdir(folder, { recursive: true });
  const columns: number[][] = [];
  for (const program of [reference, ours]) {
    const column: number[] = [];
    for (const [situation, verb] of expected) {
      await situations[situation]?.(program);
      column.push(await statusOf(program, name, verb));
    }
    await situations['stopped']?.(program);
    columns.push(column);
  }
  const rows = expected.map(([situation, verb, status], index) => ({
    situation,
    verb,
    seen: columns.map((column) => column[index]),
    wanted: typeof status === 'number' ? [status, status] : [...status],
  }));
  t.diagnostic(`${'situation'.padEnd(22)}${'verb'.padEnd(14)}reference  ours`);
  for (const { situation, verb, seen } of rows) {
    t.diagnostic(
      `${situation.padEnd(22)}${verb.padEnd(14)}${String(seen[0]).padStart(9)}${String(seen[1]).padStart(6)}`,
    );
  }
  assert.deepEqual(
    rows.map(({ situation, verb, seen }) => [situation, verb, seen]),
    rows.map(({ situation, verb, wanted }) => [situation, verb, wanted]),
  );
});

function webService(): string {
  const reals = Object.values(realAddresses).map((address) => `\treal=${address}:80 masq\n`);
  return `checkinterval=1\nvirtual=${virtualAddress}:80\n${reals.join('')}\tservice=http\n`;
}

async function steadyClient(t: TestContext): Promise<Client> {
  await buildNetwork(t, 'nat');
  const [client] = await Promise.all([
    Client.start(t, 'client', `http://${virtualAddress}/`),
    Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
  ]);
  return client;
}

test('a restart, also of the reference into this program, fails no request though cleanstop is yes', async (t) => {
  const client = await steadyClient(t);
  await writeFile(`${folder}/${name}`, webService());
  await statusOf(reference, name, 'start');
  t.after(() => situations['stopped']?.(ours));
  await eventually('both servers stand', async () => (await savedRules()).length === 3);
  const rules = await savedRules();
  for (const what of ['from the reference', 'from this program']) {
    const before = await pid();
    const answers = await client.during(async () => {
      assert.equal(await statusOf(ours, name, 'restart'), 0);
    });
    t.diagnostic(`${what}: ${JSON.stringify(tally(answers))}`);
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2'], what);
    assert.notEqual(await pid(), before);
    assert.deepEqual(await savedRules(), rules);
  }
});
