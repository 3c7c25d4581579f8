/**
 * As many servers as no file is known to have, to see what grows with all of them where one is concerned: the stalls of
 * the loop, what verbs and a scrape cost, and the memory after them.
 */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse } from '../../../src/config/file/parse.js';
import { plan } from '../../../src/reconcile/plan.js';
import { loadServices } from '../../../src/system/port-names.js';
import { freePort } from '../../helpers/free-port.js';
import { cli } from '../../helpers/process.js';
import { wantedOf } from '../../helpers/standings.js';
import type { Bench } from '../bench.js';
import { ownWord } from '../peers/ours.js';
import { type Peer, startPeer } from '../peers/peer.js';
import { memory } from '../processes.js';
import type { Readings } from '../results.js';
import { type Scenario, type Target, targets } from '../scenario.js';
import { type Longest, longestStall, stallMonitor } from '../stalls.js';
import { grouped, type Workload } from './workload.js';

export interface LargeSpec {
  readonly servers: number;
  /** Of one virtual service. */
  readonly each: number;
  /** Seconds from one check of a server to the next. */
  readonly interval: number;
}

/** Milliseconds of rest before and after each thing that is measured, so that its stalls are its own. */
const rest = 1_500;
/** Milliseconds for a verb, and for the first table to stand. */
const patience = 120_000;
/** Characters of what a verb answers. */
const longestAnswer = 1 << 28;

const run = promisify(execFile);

export function largeWork(spec: LargeSpec): Workload {
  const atMost = (value: number) => ({ goals: [{ kind: 'at-most', value }] }) as const;
  return {
    name: 'large',
    title: `${grouped(spec.servers)} servers, ${spec.each} each, TCP connect each ${spec.interval} s`,
    peers: ['ours'],
    rounds: 1,
    measures: [
      { name: 'parse', unit: 'ms' },
      { name: 'plan it into an empty one', unit: 'ms' },
      { name: 'start: longest stall', unit: 'ms', ...atMost(50) },
      { name: 'start: of it waiting for a processor', unit: 'ms' },
      { name: 'start: longest stall but for such waiting', unit: 'ms' },
      { name: 'start: resident', unit: 'MB', ...atMost(600) },
      { name: 'late p99', unit: 'ms', ...atMost(100) },
      { name: 'drain: longest stall', unit: 'ms', ...atMost(20) },
      { name: 'explain', unit: 'ms' },
      { name: 'list', unit: 'ms' },
      { name: 'scrape', unit: 'ms' },
      { name: 'reload of nothing', unit: 'ms' },
      { name: 'reload of one weight', unit: 'ms', ...atMost(1_000) },
      { name: 'verbs: longest stall', unit: 'ms', ...atMost(100) },
      { name: 'verbs: resident', unit: 'MB', ...atMost(600) },
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, { servers, each, interval }: LargeSpec): Promise<Readings> {
  const all = manyTargets(servers, bench.load.http);
  const services = Array.from({ length: Math.ceil(servers / each) }, (_, index) => ({
    address: `192.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    targets: all.slice(index * each, (index + 1) * each),
  }));
  const scenario: Scenario = { kind: 'connect', services, interval, timeout: 3 };
  const text = peer.configuration(scenario);
  const planning = await planned(text);
  const stalls = join(bench.folder, 'stalls');
  const file = join(bench.folder, `${peer.name}.cf`);
  const port = await freePort();
  const settings = `${peer.files?.['ldirectord.ini'] ?? ''}http = 127.0.0.1:${port}\n`;
  const begin = Date.now();
  const withPage = { ...peer, files: { ...peer.files, 'ldirectord.ini': settings } };
  const { program } = await startPeer(bench, withPage, scenario, stallMonitor(stalls));
  const late: number[] = [];
  program.onLine(({ text: line }) => void late.push(...[ownWord(line)?.p99 ?? []].flat()));
  const longestSince = async (at: number): Promise<Longest> => longestStall(await readFile(stalls, 'utf8'), at);
  const stallSince = async (at: number): Promise<number> => (await longestSince(at)).stall;
  // Until the table stands and every server has been checked twice.
  await program.lines(/Added real server/, servers, patience);
  await sleep(2 * interval * 1_000);
  const started = { ...(await longestSince(begin)), memory: (await memory(program.pid)).resident };
  late.length = 0;
  await sleep(interval * 1_000);
  const punctual = Math.max(...late);

  const verb = async (...args: readonly string[]): Promise<number> => {
    await sleep(rest);
    const from = performance.now();
    const env = { ...process.env, LDIRECTORD_RUN_DIR: bench.folder };
    await run(process.execPath, [cli, file, ...args], { env, timeout: patience, maxBuffer: longestAnswer });
    return performance.now() - from;
  };
  const { address, port: own } = all[servers >> 1] ?? { address: '', port: 0 };
  const server = `${address}:${own}`;
  const drained = Date.now();
  await verb('drain', '--force', server);
  await verb('undrain', server);
  await sleep(rest);
  const drainStall = await stallSince(drained);
  const asked = Date.now();
  const explain = await verb('explain', server);
  const list = await verb('list');
  const nothing = await verb('reload');
  await writeFile(file, text.replace(`real=${server} masq 1\n`, `real=${server} masq 2\n`));
  const weight = await verb('reload');
  await sleep(rest);
  const scraped = performance.now();
  await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(patience) })).arrayBuffer();
  const scrape = performance.now() - scraped;
  await sleep(rest);
  program.assertRunning();
  return {
    ...planning,
    'start: longest stall': started.stall,
    'start: of it waiting for a processor': started.waiting,
    'start: longest stall but for such waiting': started.ownLongest,
    'start: resident': started.memory,
    'late p99': punctual,
    'drain: longest stall': drainStall,
    explain,
    list,
    scrape,
    'reload of nothing': nothing,
    'reload of one weight': weight,
    'verbs: longest stall': await stallSince(asked),
    'verbs: resident': (await memory(program.pid)).resident,
  };
}

/** In as many blocks of addresses as it takes. */
function manyTargets(count: number, port: number): Target[] {
  const block = 60_000;
  const blocks = Array.from({ length: Math.ceil(count / block) }, (_, index) => {
    return targets(Math.min(block, count - index * block), port, 16 + index);
  });
  return blocks.flat();
}

async function planned(text: string): Promise<Readings> {
  const services = await loadServices();
  const begin = performance.now();
  const { config } = parse(text, { strict: false, services });
  const parsed = performance.now();
  if (config === null) throw new Error('the large file has an error');
  const table = wantedOf(config, () => true);
  const wanted = performance.now();
  plan(table, new Map(), new Set());
  return { parse: parsed - begin, 'plan it into an empty one': performance.now() - wanted };
}
