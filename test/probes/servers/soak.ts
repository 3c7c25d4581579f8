/**
 * Every service against its real server, while that server is ended and started again at random: how long was a
 * verdict of the daemon wrong, and was one wrong out of nothing? Words behind it take only what has one of them in the
 * name of its service or server. It ends with 1 where a verdict was wrong for longer than one interval and the check
 * itself, or out of nothing:
 * `SOAK_SECONDS=1200 node build/test/probes/servers/soak.js [WORD …]`
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from '../../../src/daemon.js';
import { EventBus } from '../../../src/events.js';
import { MemoryBackend } from '../../../src/ipvs/memory.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { until } from '../../helpers/deadline.js';
import { families } from './families.js';
import { reportOf } from './soak-report.js';
import { Subject, withAnUpCase } from './soak-subject.js';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 30);
/** Seconds. A check may take as long before it fails, as when nobody answers on a busy machine. */
const interval = Number(process.env['SOAK_INTERVAL'] ?? 3);
/** Milliseconds until all servers have been found up, on a busy machine. */
const patience = 120_000;

/** How many are started side by side: all at once would be more than a machine has processors for. */
const starters = 4;

async function open(words: readonly string[], subjects: Subject[]): Promise<void> {
  const chosen = withAnUpCase(families, words);
  const startNext = async (): Promise<void> => {
    for (let next = chosen.shift(); next !== undefined; next = chosen.shift()) {
      const [served, one] = next;
      try {
        subjects.push(await Subject.open(served, one, interval));
      } catch (error) {
        console.log(`${served.service}, ${served.server}: cannot run here: ${String(error).split('\n')[0]}`);
      }
    }
  };
  await Promise.all(Array.from({ length: starters }, startNext));
  subjects.sort((a, b) => a.name.localeCompare(b.name));
}

async function startDaemon(folder: string, subjects: readonly Subject[]): Promise<Daemon> {
  const file = join(folder, 'soak.cf');
  const times = `checkinterval=${interval}\nchecktimeout=${interval}\nnegotiatetimeout=${interval}\n`;
  await writeFile(file, `quiescent=no\n${times}${subjects.map(({ section }) => section).join('\n')}`);
  const bus = new EventBus();
  const byServer = new Map(subjects.map((subject) => [subject.server, subject]));
  bus.subscribe((event) => {
    if ('server' in event && typeof event.server === 'string') byServer.get(event.server)?.hears(event);
    if (event.type === 'checks-hindered' || event.type === 'worker-replaced') console.log(JSON.stringify(event));
  });
  const backend = new MemoryBackend();
  const loaded = await readConfiguration(file, { strict: false, capabilities: backend.capabilities });
  if (loaded.config === null) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  const valid = { ...loaded, config: loaded.config };
  return Daemon.start({ file, strict: false, backend, bus, version: '0' }, valid);
}

/** Whether every verdict was right, but for the time that it needs. */
async function soak(subjects: readonly Subject[]): Promise<boolean> {
  const notUp = () => subjects.filter((subject) => !subject.isUp);
  await until(
    () => `all are up: ${notUp().map(({ name, reasons }) => `${name} (${reasons.at(-1)?.[1]})`)}`,
    () => notUp().length === 0,
    patience,
  );
  console.log(`${subjects.length} servers are up; they are ended and started again for ${seconds} s`);
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(subjects.map((subject) => subject.suffer(end)));
  // What has happened last is to be seen.
  await sleep(2 * interval * 1000);
  const { lines, wrong } = reportOf(subjects, begin, performance.now(), interval);
  console.log(lines.join('\n'));
  return !wrong;
}

const subjects: Subject[] = [];
const folder = await mkdtemp(join(tmpdir(), 'ldirectord-soak-'));
let daemon: Daemon | null = null;

async function finish(code: number): Promise<never> {
  await daemon?.stop('end of the soak');
  for (const subject of subjects) await subject.close();
  await rm(folder, { recursive: true, force: true });
  process.exit(code);
}

// The servers would outlive this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void finish(1));
try {
  await open(
    process.argv.slice(2).map((word) => word.toLowerCase()),
    subjects,
  );
  daemon = await startDaemon(folder, subjects);
  await finish((await soak(subjects)) ? 0 : 1);
} catch (error) {
  console.error(error);
  await finish(1);
}
