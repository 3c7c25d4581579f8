/** Shows what is missing, and does it where that is asked for. */

import { loadSettings } from '../../config/settings/settings.js';
import { capabilitiesOf } from '../../ipvs/capabilities.js';
import { applyAll, type Planned } from '../../path/setup/apply.js';
import { readJournal } from '../../path/setup/journal.js';
import { planOf } from '../../path/setup/plan.js';
import type { Applied } from '../../path/setup/run.js';
import { readConfiguration } from '../../reload/read.js';
import { backendOf } from '../backend.js';
import { changes, done, failed, unusable } from '../command.js';
import { describeDiagnostics } from '../inspect.js';
import { surfaceOf } from '../surface.js';
import { lookAtAll } from './machines.js';
import type { Run } from './run.js';
import { calledOf, outcomeLine, planJson, stepLines, unmetLine } from './show.js';
import { progress, tell } from './tell.js';

export async function meet({ command, file, journalPath, asked, going, fleet }: Run): Promise<number> {
  const capabilities = capabilitiesOf(await backendOf(command, file));
  const loaded = await readConfiguration(file, { strict: command.strict, capabilities });
  if (loaded.config === null) {
    process.stderr.write(describeDiagnostics(file, loaded, process.stderr));
    return unusable;
  }
  if (capabilities.passes === 'streams') {
    tell('nothing to do: the userspace balancer connects as any program does, and the kernel hands nothing on');
    return done;
  }
  const { journal, fault } = await readJournal(journalPath);
  if (fault !== null) tell(fault);
  const { servers } = asked;
  const reading = progress('read');
  const { settings } = await loadSettings(file);
  const { machines, unseen } = await lookAtAll({
    config: loaded.config,
    sync: settings.sync,
    servers,
    entries: journal.entries,
    fleet,
    going,
    onRead: reading.onDone,
  });
  reading.end();
  let isWhole = true;
  const complain = (server: string | null, words: string): void => {
    isWhole = false;
    tell(`${calledOf(server)}: ${words}`);
  };
  const planned: Planned[] = [];
  for (const { server, fault } of unseen) complain(server, fault);
  for (const one of machines) {
    const plan = planOf(one.needs, one.begun, one.facts, asked.persist);
    for (const words of plan.faults) complain(one.server, words);
    planned.push({ ...one, plan });
    show(one.server, plan, asked.json);
  }
  const isDue = planned.some(({ plan }) => plan.steps.length > 0);
  if (!isDue && isWhole) process.stderr.write('nothing to do\n');
  if (!asked.apply) return isWhole ? (isDue ? changes : done) : failed;
  // Who reads it may have ended this process with that; from here on nobody does.
  await new Promise<unknown>((resolve) => process.stdout.write('', resolve));
  const applying = progress('set up');
  const outcomes = await applyAll(journalPath, journal, planned, fleet, { ...going, onDone: applying.onDone });
  applying.end();
  for (const { server, result: applied } of outcomes) {
    const isDone = applied?.state === 'applied' && applied.unmet.length === 0;
    if (!isDone) isWhole = false;
    report(server, applied);
  }
  return isWhole ? done : failed;
}

function show(server: string | null, { steps, faults }: Planned['plan'], json: boolean): void {
  if (json) process.stdout.write(`${planJson(server, steps, faults)}\n`);
  else if (steps.length > 0)
    process.stdout.write(`${stepLines(server, steps, surfaceOf(process.stdout)).join('\n')}\n`);
}

function report(server: string | null, applied: Applied | null): void {
  tell(outcomeLine(server, applied));
  if (applied?.state !== 'applied') return;
  for (const need of applied.unmet) tell(unmetLine(server, need));
}
