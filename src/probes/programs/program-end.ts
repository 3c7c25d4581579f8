/** What the end of a program says. */

import { failureOf, ProbeFailure, printable } from '../failure.js';

export interface End {
  readonly code: number | null;
  readonly killedBy: string | null;
}

/** The reason of a success; throws a ProbeFailure for any other end. */
export function judgeEnd(end: End, output: string, signal: AbortSignal): string {
  const last = lastLine(output);
  const said = last === '' ? '' : `: ${last}`;
  if (end.code === 0) {
    return `command: exit status 0${said}`;
  }
  if (signal.aborted) {
    throw new ProbeFailure('command', `${failureOf('command', signal.reason, signal).what}${said}`);
  }
  const how = end.killedBy === null ? `exit status ${end.code}` : `killed by ${end.killedBy}`;
  throw new ProbeFailure('command', `${how}${said}`);
}

export function lastLine(output: string): string {
  return printable(output.trimEnd().split('\n').at(-1) ?? '');
}
