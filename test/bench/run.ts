/** `npm run bench`: what the control plane costs and how soon it reacts, as a table of medians. It never fails for being slow. */

import { once } from 'node:events';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from '../../src/config/parse.js';
import { loadServices } from '../../src/config/services.js';
import { Daemon, readConfiguration } from '../../src/daemon.js';
import { type Event, EventBus } from '../../src/events.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { desired } from '../../src/reconcile/desired.js';
import { plan } from '../../src/reconcile/plan.js';
import { largeFile } from '../helpers/large-file.js';

const rounds = 20;
const checkinterval = 1_000;

interface Row {
  readonly work: string;
  readonly median: number;
  readonly worst: number;
}

function row(work: string, times: readonly number[]): Row {
  const sorted = times.toSorted((a, b) => a - b);
  return { work, median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0 };
}

async function timed(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Reading, wanting and planning the largest known configuration. */
async function largeConfiguration(): Promise<Row[]> {
  const text = largeFile();
  const services = await loadServices();
  const times: Record<'parse' | 'want' | 'plan', number[]> = { parse: [], want: [], plan: [] };
  for (let round = 0; round < 5; round += 1) {
    let parsed = parse('', { strict: false, services });
    times.parse.push(await timed(() => (parsed = parse(text, { strict: false, services }))));
    const { config } = parsed;
    if (config === null) throw new Error('the large file has an error');
    let table = desired({ ...config, virtuals: [] }, () => true);
    times.want.push(await timed(() => (table = desired(config, () => true))));
    times.plan.push(await timed(() => plan(table, new Map(), new Set())));
  }
  const size = '2,277 virtuals, 37,205 real servers';
  return [
    row(`parse ${size}`, times.parse),
    row('want a table of them', times.want),
    row('plan it into an empty table', times.plan),
  ];
}

/** The ways in which editors and deployments save a file. */
const saves = {
  'in place': (file: string, text: string) => writeFile(file, text),
  'by rename': async (file: string, text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  },
  'by swapped link': async (file: string, text: string) => {
    const target = `${file}.${Math.random()}`;
    await writeFile(target, text);
    await symlink(target, `${file}.link`);
    await rename(`${file}.link`, file);
  },
} as const;

/** A web server that dies and comes back, and a file that is edited, as seen in the table. */
async function reactions(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const server = createServer((_, response) => response.end('up'));
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const file = join(folder, 'bench.cf');
  const text = (weight: number) =>
    `checkinterval=${checkinterval / 1000}\nchecktimeout=1\nautoreload=yes\n` +
    `virtual=192.0.2.1:80\n\treal=127.0.0.1:${port} masq ${weight}\n\tservice=http\n`;
  await writeFile(file, text(1));

  const bus = new EventBus();
  let waiting: ((event: Event) => void) | null = null;
  bus.subscribe((event) => waiting?.(event));
  const change = (action: string): Promise<void> =>
    new Promise((resolve) => {
      waiting = (event) => {
        if (event.type === 'table-changed' && event.change.object === 'real' && event.change.action === action)
          resolve();
      };
    });

  const loaded = await readConfiguration(file, { strict: true });
  if (loaded.config === null) throw new Error('the file has an error');
  const standing = change('added');
  const daemon = await Daemon.start(
    { file, strict: true, backend: new MemoryBackend(), bus, version: 'bench' },
    { ...loaded, config: loaded.config },
  );
  await standing;

  const deaths: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await sleep(Math.random() * checkinterval);
    const gone = change('deleted');
    server.close();
    server.closeAllConnections();
    deaths.push(await timed(() => gone));
    const back = change('added');
    await listen(server, port);
    await back;
  }
  const table = [row(`death to removal, checked every ${checkinterval} ms`, deaths)];
  let weight = 1;
  for (const [how, save] of Object.entries(saves)) {
    const edits: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      weight += 1;
      const edited = change('restored');
      const begin = performance.now();
      await save(file, text(weight));
      await edited;
      edits.push(performance.now() - begin);
    }
    table.push(row(`edit ${how} to table`, edits));
  }
  await daemon.stop('end of the benchmark');
  server.close();
  await rm(folder, { recursive: true });
  return table;
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

const table = [...(await largeConfiguration()), ...(await reactions())];
const width = Math.max(...table.map(({ work }) => work.length));
process.stdout.write(`${'work'.padEnd(width)}  median ms  worst ms\n`);
for (const { work, median, worst } of table) {
  process.stdout.write(`${work.padEnd(width)}  ${median.toFixed(1).padStart(9)}  ${worst.toFixed(1).padStart(8)}\n`);
}
