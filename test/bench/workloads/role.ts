/** A director that becomes active: how soon its whole table stands, in this process and in memory. */

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from '../../../src/daemon.js';
import { type Event, EventBus } from '../../../src/events.js';
import { MemoryBackend } from '../../../src/ipvs/memory.js';
import { readConfiguration } from '../../../src/reload/read.js';
import type { Bench } from '../bench.js';
import type { Readings } from '../results.js';
import { median } from '../statistics.js';
import { grouped, type Workload } from './workload.js';

interface Size {
  readonly services: number;
  readonly serversEach: number;
  readonly changes: number;
}

/** Milliseconds that the whole table may take. */
const goal = 200;

export function roleWork(size: Size): Workload {
  return {
    name: 'role',
    title: `${grouped(size.services * size.serversEach)} servers from passive to active, table in memory`,
    peers: ['ours'],
    rounds: 1,
    measures: [
      { name: 'the first time', unit: 'ms', goals: [{ kind: 'at-most', value: goal }] },
      { name: 'later', unit: 'ms', goals: [{ kind: 'at-most', value: goal }] },
    ],
    measure: (bench) => measure(bench, size),
  };
}

async function measure({ folder }: Bench, { services, serversEach, changes }: Size): Promise<Readings> {
  const place = join(folder, 'role');
  const elect = async (word: string): Promise<void> => {
    await writeFile(`${place}.new`, word);
    await rename(`${place}.new`, place);
  };
  await elect('passive');
  const file = join(folder, 'role.cf');
  await writeFile(file, textOf(services, serversEach));
  await writeFile(join(folder, 'ldirectord.ini'), `[role]\nrole = command cat ${place}\ntable = active\n`);
  const backend = new MemoryBackend();
  const bus = new EventBus();
  const loaded = await readConfiguration(file, { strict: false, capabilities: backend.capabilities });
  const { config } = loaded;
  if (config === null) throw new Error('the file has an error');
  const daemon = await Daemon.start({ file, strict: false, bus, version: 'bench', backend }, { ...loaded, config });
  try {
    await daemon.missing();
    const times: number[] = [];
    for (let change = 0; change < changes; change += 1) {
      times.push(await followed(bus, services, () => elect('active')));
      await followed(bus, services, () => elect('passive'));
    }
    const [first = Number.NaN, ...later] = times;
    return { 'the first time': first, later: median(later) };
  } finally {
    await daemon.stop('end of the measurement');
  }
}

/** Milliseconds from the change of the role until so many services have followed it. */
function followed(bus: EventBus, services: number, change: () => Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    let began = Number.NaN;
    let left = services;
    const leave = bus.subscribe((event: Event) => {
      if (event.type === 'role-changed') began = performance.now();
      if (event.type !== 'table-followed') return;
      left -= event.entered + event.left;
      if (left > 0) return;
      leave();
      resolve(performance.now() - began);
    });
    change().catch(reject);
  });
}

function textOf(services: number, serversEach: number): string {
  const sections = Array.from({ length: services }, (_, service) => {
    const network = `${service >> 8}.${service & 255}`;
    const reals = Array.from({ length: serversEach }, (_, server) => `\treal=10.${network}.${server + 1}:80 gate\n`);
    return `virtual=172.${16 + (service >> 16)}.${network}:80\n${reals.join('')}\tchecktype=on\n`;
  });
  return sections.join('\n');
}
