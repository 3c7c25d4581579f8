/**
 * Half of the servers go up and down at every check, for minutes: what the log and the mails are then, whether anybody
 * waits, and whether the table is right each time that the storm holds its breath.
 */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { nodeFlags } from '../../../src/process/heap.js';
import { freePort } from '../../helpers/free-port.js';
import { startMailServer } from '../../helpers/mail-server.js';
import { cli } from '../../helpers/process.js';
import type { Bench } from '../bench.js';
import { memory } from '../processes.js';
import type { Readings } from '../results.js';
import { targets } from '../scenario.js';
import { longestStall, stallMeasures, stallMonitor, stallReadings } from '../stalls.js';
import { grouped, type Workload } from './workload.js';

export interface StormSpec {
  readonly servers: number;
  /** Seconds from one check of a server to the next, and from one change of it to the next. */
  readonly interval: number;
  readonly seconds: number;
  /** For all who flap to settle. */
  readonly settle: number;
}

/** Of one virtual service: half of them flap. */
const each = 16;
/** How often the storm holds its breath for the table to be looked at. */
const rests = 3;
/** Milliseconds for a verb, a scrape, and the first table. */
const patience = 60_000;

const run = promisify(execFile);

export function stormWork(spec: StormSpec): Workload {
  const atMost = (value: number) => ({ goals: [{ kind: 'at-most', value }] }) as const;
  return {
    name: 'storm',
    title: `half of ${grouped(spec.servers)} servers change each ${spec.interval} s for ${spec.seconds} s`,
    peers: ['ours'],
    rounds: 1,
    measures: [
      { name: 'changes a second', unit: '' },
      { name: 'servers that the table has wrong', unit: '', ...atMost(0) },
      ...stallMeasures(50),
      { name: 'processor', unit: 'ms/s' },
      { name: 'lines of the log a change', unit: '', ...atMost(1) },
      { name: 'bytes of the log a change', unit: '' },
      { name: 'lines of the last minute', unit: '' },
      { name: 'servers told to flap', unit: '' },
      { name: 'servers told to have settled', unit: '' },
      { name: 'mails', unit: '', ...atMost(60) },
      { name: 'mails of the last minute', unit: '' },
      { name: 'seconds that events reach back', unit: 's' },
      { name: 'resident at start', unit: 'MB' },
      { name: 'resident at most', unit: 'MB' },
      { name: 'resident at the end', unit: 'MB' },
    ],
    measure: (bench) => measure(bench, spec),
  };
}

async function measure(bench: Bench, { servers, interval, seconds, settle }: StormSpec): Promise<Readings> {
  const { folder } = bench;
  const mails = await startMailServer({ after: (release) => bench.resources.add(release) });
  const flapping = new FlappingPort(await freePort('0.0.0.0'));
  bench.resources.add(() => flapping.close());
  await flapping.open();
  const half = Math.ceil(servers / 2);
  const all = [...targets(half, bench.load.http), ...targets(servers - half, flapping.port, 17)];
  const file = join(folder, 'storm.cf');
  const log = join(folder, 'log');
  const http = await freePort();
  await writeFile(join(folder, 'ldirectord.ini'), `http = 127.0.0.1:${http}\nsmtpport = ${mails.port}\n`);
  const services = Array.from({ length: Math.ceil(servers / each) }, (_, index) => {
    const reals = all.filter((_, place) => place % Math.ceil(servers / each) === index);
    const lines = reals.map(({ address, port }) => `\treal=${address}:${port} masq 1\n`);
    return `virtual=192.0.${index >> 8}.${index & 255}:80\n${lines.join('')}\tchecktype=connect\n`;
  });
  const global = `checkinterval=${interval}\nchecktimeout=3\nlogfile=${log}\nsmtp=127.0.0.1\nemailalert=a@example.com\n`;
  await writeFile(
    file,
    `${global}\n${services.join('\n').replaceAll('\tchecktype', `\tmonitorfile=${join(folder, 'monitor')}\n\tchecktype`)}`,
  );
  const stalls = join(folder, 'stalls');
  const pid = await start(bench, file, stalls);
  const site = new Site(http);
  // Until every server has been checked twice.
  await site.until(({ counts }) => counts.up === servers);
  await sleep(2 * interval * 1_000);
  const begin = { memory: (await memory(pid)).resident, changes: await site.changes(), log: await readLog(log) };
  const from = Date.now();
  const processor = await ticksOf(pid);
  let most = begin.memory;
  let wrong = 0;
  let lastMinute = { at: 0, lines: 0, mails: 0, changes: 0 };
  const turns = Math.round(seconds / interval);
  for (let turn = 0; turn < turns; turn += 1) {
    await (turn % 2 === 0 ? flapping.close() : flapping.open());
    await sleep(interval * 1_000);
    most = Math.max(most, (await memory(pid)).resident);
    if (lastMinute.at === 0 && (turns - turn) * interval <= 60) {
      lastMinute = { at: Date.now(), lines: (await readLog(log)).lines, mails: mails.mails.length, changes: 0 };
    }
    if ((turn + 1) % Math.ceil(turns / rests) === 0) wrong += await wrongNow(site, flapping, interval);
  }
  const end = { log: await readLog(log), changes: await site.changes(), processor: await ticksOf(pid), at: Date.now() };
  const reach = await site.eventsReach();
  const stall = longestStall(await readFile(stalls, 'utf8'), from);
  const mailed = mails.mails.length;
  await flapping.open();
  await sleep(settle * 1_000);
  wrong += await wrongNow(site, flapping, interval);
  const after = await readLog(log);
  const changes = end.changes - begin.changes;
  const span = (end.at - from) / 1_000;
  return {
    'changes a second': changes / span,
    'servers that the table has wrong': wrong,
    ...stallReadings(stall),
    processor: (end.processor - processor) / span,
    'lines of the log a change': (end.log.lines - begin.log.lines) / changes,
    'bytes of the log a change': (end.log.bytes - begin.log.bytes) / changes,
    'lines of the last minute': end.log.lines - lastMinute.lines,
    'servers told to flap': after.flapping,
    'servers told to have settled': after.settled,
    mails: mailed,
    'mails of the last minute': mailed - lastMinute.mails,
    'seconds that events reach back': reach,
    'resident at start': begin.memory,
    'resident at most': most,
    'resident at the end': (await memory(pid)).resident,
  };
}

/** Waits for a round of checks, and counts the servers that are not as they ought to be in the table. */
async function wrongNow(site: Site, flapping: FlappingPort, interval: number): Promise<number> {
  await sleep((interval + 1) * 1_000);
  const { virtuals } = await site.status();
  const reals = virtuals.flatMap((virtual) => virtual.servers);
  return reals.filter(({ name, weight, up }) => {
    const isWell = flapping.isOpen || !name.endsWith(`:${flapping.port}`);
    return up !== isWell || (weight !== null) !== isWell;
  }).length;
}

async function start(bench: Bench, file: string, stalls: string): Promise<number> {
  const { folder, cores } = bench;
  const env = { ...process.env, LDIRECTORD_RUN_DIR: folder, ...stallMonitor(stalls) };
  const taskset = ['-c', cores.checkers.join(','), process.execPath, ...nodeFlags, cli, '--backend', 'memory', file];
  await run('taskset', [...taskset, 'start'], { env, timeout: patience });
  const own = { ...process.env, LDIRECTORD_RUN_DIR: folder };
  bench.resources.add(async () => {
    await run(process.execPath, [cli, file, 'stop'], { env: own, timeout: patience }).catch(() => {});
  });
  const [name = ''] = (await readdir(folder)).filter((one) => one.endsWith('.pid'));
  return Number((await readFile(join(folder, name), 'utf8')).trim());
}

/** Milliseconds of processor of the process itself, threads included. */
async function ticksOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function readLog(path: string) {
  const { size } = await stat(path);
  const text = await readFile(path, 'utf8');
  const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
  const [flapping, settled] = [count(/\] Flapping: /g), count(/\] Flapping no more: /g)];
  return { bytes: size, lines: count(/\n/g), flapping, settled };
}

interface Seen {
  readonly counts: { readonly up: number };
  readonly virtuals: readonly {
    readonly servers: readonly { readonly name: string; readonly up: boolean; readonly weight: number | null }[];
  }[];
}

class Site {
  readonly #base: string;

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}`;
  }

  async #get(path: string): Promise<Response> {
    const ask = (): Promise<Response> => fetch(`${this.#base}${path}`, { signal: AbortSignal.timeout(patience) });
    // It listens a moment after the start, and ends connections that rest.
    return ask().catch(async () => {
      await sleep(1_000);
      return ask();
    });
  }

  async status(): Promise<Seen> {
    return (await (await this.#get('/api/v1/status')).json()) as Seen;
  }

  async until(isSo: (status: Seen) => boolean): Promise<void> {
    const end = performance.now() + patience;
    while (!isSo(await this.status())) {
      if (performance.now() > end) throw new Error('the servers are not up in time');
      await sleep(500);
    }
  }

  async changes(): Promise<number> {
    const text = await (await this.#get('/metrics')).text();
    let sum = 0;
    for (const [, value] of text.matchAll(/^ldirectord_server_transitions_total\{.*\} (\d+)$/gm)) sum += Number(value);
    return sum;
  }

  async eventsReach(): Promise<number> {
    const answer = (await (await this.#get('/api/v1/events?limit=1000')).json()) as {
      readonly events: readonly { readonly at: number }[];
    };
    return (Date.now() - (answer.events[0]?.at ?? Date.now())) / 1_000;
  }
}

/** Answers for every address of loopback, or refuses. */
class FlappingPort {
  readonly port: number;
  #server: Server | null = null;

  constructor(port: number) {
    this.port = port;
  }

  get isOpen(): boolean {
    return this.#server !== null;
  }

  async open(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer((socket) => void socket.on('error', () => {}).destroy());
    this.#server = server;
    server.listen({ host: '0.0.0.0', port: this.port, backlog: 4_096 });
    await once(server, 'listening');
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise((resolve) => server.close(resolve));
  }
}
