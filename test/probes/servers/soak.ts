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
import { Daemon, readConfiguration } from '../../../src/daemon.js';
import { EventBus } from '../../../src/events.js';
import { MemoryBackend } from '../../../src/ipvs/memory.js';
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

async function open(words: readonly string[]): Promise<Subject[]> {
  const chosen = withAnUpCase(families, words);
  const subjects: Subject[] = [];
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
  return subjects.sort((a, b) => a.name.localeCompare(b.name));
}

const folder = await mkdtemp(join(tmpdir(), 'ldirectord-soak-'));
const subjects = await open(process.argv.slice(2).map((word) => word.toLowerCase()));
const file = join(folder, 'soak.cf');
const times = `checkinterval=${interval}\nchecktimeout=${interval}\nnegotiatetimeout=${interval}\n`;
await writeFile(file, `quiescent=no\n${times}${subjects.map(({ section }) => section).join('\n')}`);

const bus = new EventBus();
const bySection = new Map(subjects.map((subject) => [subject.server, subject]));
bus.subscribe((event) => {
  if ('server' in event && typeof event.server === 'string') bySection.get(event.server)?.hears(event);
  if (event.type === 'checks-hindered' || event.type === 'worker-replaced') console.log(JSON.stringify(event));
});
const backend = new MemoryBackend();
const loaded = await readConfiguration(file, { strict: false, backend: backend.name });
if (loaded.config === null) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
const daemon = await Daemon.start(
  { file, strict: false, backend, bus, version: '0' },
  { ...loaded, config: loaded.config },
);
try {
  await until(
    () =>
      `all are up: ${subjects
        .filter((subject) => !subject.isUp)
        .map(({ name }) => name)
        .join('; ')}`,
    () => subjects.every((subject) => subject.isUp),
    patience,
  );
  console.log(`${subjects.length} servers are up; they are ended and started again for ${seconds} s`);
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(subjects.map((subject) => subject.suffer(end)));
  // What has happened last is to be seen.
  await sleep(2 * interval * 1000);
  const report = reportOf(subjects, begin, performance.now(), interval);
  console.log(report.lines.join('\n'));
  if (report.wrong) process.exitCode = 1;
} finally {
  await daemon.stop('end of the soak');
  for (const subject of subjects) await subject.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit();
