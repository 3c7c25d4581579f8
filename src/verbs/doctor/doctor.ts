/** `doctor`: what keeps packets from their way, or soon may. */

import { parseArgs } from 'node:util';
import { findConfiguration } from '../../config/find.js';
import { capabilitiesOf } from '../../ipvs/capabilities.js';
import { findings } from '../../path/doctor/codes.js';
import type { Examination } from '../../path/doctor/examination.js';
import { openHere } from '../../path/here.js';
import { readConfiguration } from '../../reload/read.js';
import { examinationsText, machineOf, severityOf, worstFirst } from '../../terminal/examinations.js';
import { backendOf } from '../backend.js';
import { type Command, done, unusable, usage } from '../command.js';
import { describeDiagnostics } from '../inspect.js';
import { surfaceOf } from '../surface.js';
import { examineHere } from './director.js';
import { examineRealServers } from './real.js';

/** Exit statuses of its own. */
const withWarnings = 1;
const withErrors = 2;

export async function doctor(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, real: { type: 'boolean', default: false } },
  });
  if (positionals.length > 0 && !values.real) throw usage('doctor: takes servers with --real');
  const { file, name } = await findConfiguration(command.config);
  const backend = await backendOf(command, file);
  const loaded = await readConfiguration(file, { strict: command.strict, capabilities: capabilitiesOf(backend) });
  if (loaded.config === null) {
    process.stderr.write(describeDiagnostics(file, loaded, process.stderr));
    return unusable;
  }
  const shell = openHere();
  try {
    // Names are judged before anything takes its time.
    const real = values.real ? await examineRealServers(loaded.config, positionals, { file, shell }) : [];
    const examinations = [await examineHere({ config: loaded.config, file, name, backend, shell }), ...real];
    process.stdout.write(
      values.json
        ? `${JSON.stringify(inJson(examinations), null, 2)}\n`
        : examinationsText(examinations, surfaceOf(process.stdout)),
    );
    return statusOf(examinations);
  } finally {
    await shell.close();
  }
}

/** For scripts: the shape stays. */
function inJson(examinations: readonly Examination[]) {
  const machines = examinations.map(({ on, findings: found, unexamined }) => ({
    machine: machineOf(on),
    isDirector: on === 'director',
    findings: worstFirst(found).map((finding) => {
      const { code, object, seen, mend } = finding;
      const { severity, breaks } = findings[code];
      return { code, severity, object, for: finding.for, breaks, seen, mend };
    }),
    unexamined,
  }));
  return { machines, status: statusOf(examinations) };
}

/** What was not seen may be wrong. */
function statusOf(examinations: readonly Examination[]): number {
  const all = examinations.flatMap(({ findings: found }) => found.map(severityOf));
  if (all.includes('error')) return withErrors;
  return all.length > 0 || examinations.some(({ unexamined }) => unexamined.length > 0) ? withWarnings : done;
}
