/** Where a configuration wants lines written: a warning for each place where none can be. */

import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, Span } from '../model/config.js';
import type { DiagnosticCode } from './diagnostics/codes.js';
import type { Diagnostic } from './diagnostics/diagnostics.js';
import type { Places } from './file/reader.js';
import { facilityNumber, usualFacility } from './file/syslog-facilities.js';

export interface NamedOutput {
  /** A path, or the name of a facility of the system's log. */
  readonly place: string;
  /** The directive that names it. */
  readonly by: string;
  readonly span: Span;
}

/** Codes of the warnings: at a start they are told at once, since the log will not tell them. */
export const outputCodes: ReadonlySet<DiagnosticCode> = new Set(['unwritable-output', 'unknown-facility']);

/** Where the system's log listens. */
const systemLog = '/dev/log';
/** Without the last flag, opening a named pipe waits for its reader. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK;
/** Milliseconds for a file system to answer. */
const patience = 1_000;

/** `sections` are those of the virtual services, in the same order. */
export function outputsIn({ global, virtuals }: Config, { globalPlaces, sections }: Places): NamedOutput[] {
  const found: NamedOutput[] = [];
  const add = (place: string | null, by: string, span: Span | undefined): void => {
    if (place !== null && span !== undefined) found.push({ place, by, span });
  };
  add(global.logfile, 'logfile', globalPlaces.get('logfile'));
  for (const [index, { monitorfile }] of virtuals.entries()) {
    add(monitorfile, 'monitorfile', sections[index]?.places.get('monitorfile'));
  }
  return found;
}

/** Never rejects. */
export async function unwritableOutputs(outputs: readonly NamedOutput[]): Promise<Diagnostic[]> {
  const answers = new Map<string, string | null>();
  const found: Diagnostic[] = [];
  for (const { place, by, span } of outputs) {
    const isPath = isAbsolute(place);
    // A relative path is one of the folder that the daemon will run in.
    if (!isPath && by !== 'logfile') continue;
    if (!isPath && facilityNumber(place) === null) {
      const message = `${by}: no facility of the system's log is called '${place}': it goes to ${usualFacility}`;
      found.push({ severity: 'warning', code: 'unknown-facility', message, span });
    }
    const path = isPath ? place : systemLog;
    const known = answers.get(path);
    const why = known === undefined ? await whyNot(path, isPath) : known;
    answers.set(path, why);
    if (why === null) continue;
    const message = `${by}: ${path} cannot be written: ${why}: lines are lost until it can be`;
    found.push({ severity: 'warning', code: 'unwritable-output', message, span });
  }
  return found;
}

async function whyNot(path: string, isFile: boolean): Promise<string | null> {
  const answered = new AbortController();
  const late = sleep(patience, `no answer within ${patience / 1000} s`, { signal: answered.signal });
  late.catch(() => {});
  const why = await Promise.race([isFile ? whyUnwritable(path) : troubleOf(access(path, constants.W_OK)), late]);
  answered.abort();
  return why;
}

/** Without leaving a trace: a file that is not there is not made. */
async function whyUnwritable(path: string): Promise<string | null> {
  const trouble = await troubleOf(open(path, flags).then((handle) => handle.close()));
  // A named pipe, whose reader may come later.
  if (trouble === 'ENXIO') return null;
  return trouble === 'ENOENT' ? troubleOf(access(dirname(path), constants.W_OK | constants.X_OK)) : trouble;
}

/** The error's name; null where there is none. */
function troubleOf(attempt: Promise<void>): Promise<string | null> {
  return attempt.then(
    () => null,
    ({ code, message }: NodeJS.ErrnoException) => code ?? message,
  );
}
