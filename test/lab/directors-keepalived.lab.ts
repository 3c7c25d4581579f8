/** Two directors with keepalived, by the files of `examples/cluster/keepalived`: what clients notice of their faults. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';
import { byHand } from './inside/by-hand.js';
import { run, runIn } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { powerOff, setCable } from './inside/machines.js';
import { calm, type Measured, type Meter, measured } from './inside/meter.js';
import { buildPair, Director, lb1, lb2, service6 } from './inside/pair.js';

const skip = lacks('keepalived');
const files = ['ldirectord.cf', 'ldirectord.ini', 'keepalived.conf'] as const;
/** Milliseconds: three advertisements, and what is left for taking over. */
const longestGap = 3_000 + 300;
/** Requests under way at one moment, at most. */
const youngest = 2;

class Node {
  readonly director: Director;
  readonly #t: TestContext;
  #keepalived: Program | null = null;

  constructor(t: TestContext, director: Director) {
    this.#t = t;
    this.director = director;
  }

  startKeepalived(): void {
    const { folder, machine } = this.director;
    const at = (name: string): string => join(folder, name);
    const pids = ['-p', at('keepalived.pid'), '-r', at('vrrp.pid')];
    const args = ['-n', '-l', '-D', '-P', '-f', at('keepalived.conf'), '-i', machine.name, ...pids];
    this.#keepalived = new Program(this.#t, ...this.director.inside('keepalived', ...args));
  }

  async stopKeepalived(): Promise<void> {
    this.#keepalived?.child.kill('SIGTERM');
    await this.#keepalived?.exit;
  }

  async isActive(): Promise<boolean> {
    return (await this.director.holds()) && (await this.director.syncs()) === 'master';
  }

  get said(): string {
    return `${this.director.said}\n${this.#keepalived?.text ?? ''}`;
  }
}

/** Says what both have said where it does not become so. */
async function becomesActive(node: Node, other: Node): Promise<void> {
  const { name } = node.director.machine;
  await eventually(`${name} is active`, () => node.isActive()).catch((error: Error) => {
    throw new Error([error.message, name, node.said, other.director.machine.name, other.said].join('\n'));
  });
}

interface Pair {
  readonly meter: Meter;
  readonly first: Node;
  readonly second: Node;
}

/** Where the machine has nothing else to do. */
function assertInTime({ gap }: Measured): void {
  if (byHand === false) assert.ok(gap <= longestGap, `${gap} ms`);
}

/** Both run, lb1 is active, and lb2 hears of its connections. */
async function startPair(t: TestContext): Promise<Pair> {
  await run('modprobe', 'ip_vs_wlc');
  const meter = await buildPair(t);
  const nodes = [];
  for (const machine of [lb1, lb2]) {
    // Who waits for a test has no ten seconds.
    const hasten = (text: string): string => text.replace('preempt_delay 10', 'preempt_delay 2');
    nodes.push(new Node(t, await Director.of(t, machine, 'keepalived', files, hasten)));
  }
  const [first, second] = nodes as [Node, Node];
  await Promise.all(nodes.map(({ director }) => director.start()));
  await Promise.all(nodes.map(({ director }) => director.serves()));
  for (const node of nodes) node.startKeepalived();
  await becomesActive(first, second);
  await eventually('lb2 is in reserve', async () => (await second.director.syncs()) === 'backup');
  assert.equal(await second.director.holds(), false);
  return { meter, first, second };
}

test('the controller of the active director is killed: nobody notices; its power goes: the other takes over', {
  skip,
}, async (t) => {
  const { meter, first, second } = await startPair(t);
  const killed = await measured(t, 'controller killed', meter, async () => {
    await first.director.kill();
    await sleep(calm);
    await first.director.start();
    await first.director.serves();
  });
  // An answer that comes too late may be a busy machine's.
  const broken = Object.keys(killed.failures).filter((failure) => failure !== 'no answer');
  assert.deepEqual([broken, killed.long.survived], [[], killed.long.opened]);
  assert.ok(await first.isActive());

  const off = await measured(t, 'power-off', meter, async () => {
    await eventually('lb2 knows the connections', async () => (await second.director.connections()) >= 100);
    await powerOff(lb1);
    await becomesActive(second, first);
  });
  assertInTime(off);
  assert.equal(off.long.survived, off.long.opened);
  assert.equal(await readFile(join(second.director.folder, 'fitness'), 'utf8'), '100\n');
  // IPv6 has moved along.
  await eventually('it serves IPv6', async () => {
    const script = `fetch('http://[${service6}]/', { signal: AbortSignal.timeout(5_000) })
      .then((answer) => answer.text()).then((text) => process.stdout.write(text))`;
    return /^rs[12]$/.test(await runIn('client', process.execPath, '-e', script).catch(() => ''));
  });
});

test('the active one is handed over and taken back; keepalived is stopped on it', {
  skip: skip || byHand,
}, async (t) => {
  const { meter, first, second } = await startPair(t);
  const handed = await measured(t, 'handover', meter, async () => {
    await eventually('lb2 knows the connections', async () => (await second.director.connections()) >= 100);
    await first.director.ask('handover', '--force');
    await becomesActive(second, first);
  });
  const back = await measured(t, 'handover undone', meter, async () => {
    await first.director.ask('handover', '--undo');
    await becomesActive(first, second);
  });
  for (const { failed, long } of [handed, back]) {
    // The other director has not heard yet of a connection that is being made.
    assert.ok(failed <= youngest, `${failed} failed`);
    assert.equal(long.survived, long.opened);
  }
  const stopped = await measured(t, 'keepalived stopped', meter, async () => {
    await eventually('lb2 knows the connections', async () => (await second.director.connections()) >= 100);
    await first.stopKeepalived();
    await becomesActive(second, first);
  });
  assert.equal(stopped.long.survived, stopped.long.opened);
});

test('the link of the active one is cut, and healed', { skip: skip || byHand }, async (t) => {
  const { meter, first, second } = await startPair(t);
  const cut = await measured(t, 'link cut', meter, async () => {
    await setCable('lb1', 0, false);
    await becomesActive(second, first);
  });
  const healed = await measured(t, 'link healed', meter, async () => {
    await setCable('lb1', 0, true);
    await becomesActive(first, second);
  });
  assertInTime(cut);
  for (const { long } of [cut, healed]) assert.equal(long.survived, long.opened);
});
