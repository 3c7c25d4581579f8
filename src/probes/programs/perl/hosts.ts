/** Perl processes by script: each compiled once, and anew when its file has changed. */

import { stat } from 'node:fs/promises';
import { failureBy, failureOf } from '../../failure.js';
import { atRelease } from '../../release.js';
import { PerlHost } from './host.js';

/** Scripts that are kept compiled; each is a process of a few megabytes. */
const bound = 64;
/** Milliseconds for which a script without a check is kept, at the least. */
const shortestRest = 60_000;

interface Kept {
  readonly host: PerlHost;
  /** What shows that the file has changed. */
  readonly stamp: string;
  idle: NodeJS.Timeout | undefined;
}

/** By use, the latest last. */
const kept = new Map<string, Kept>();

/**
 * The process for a script, which is kept for `rest` milliseconds at the least. A process for each script, since
 * one that hangs or ends while it is compiled must not take the others along, and their names must not meet.
 * Rejects with a ProbeFailure.
 */
export async function hostFor(
  script: string,
  environment: Readonly<Record<string, string>>,
  rest: number,
  signal: AbortSignal,
): Promise<PerlHost> {
  const stamp = await stampOf(script, signal);
  const known = kept.get(script);
  if (known !== undefined) forget(script, known);
  const same = known !== undefined && known.stamp === stamp && known.host.usable;
  if (known !== undefined && !same) known.host.retire();
  const entry: Kept = same ? known : { host: new PerlHost(script, environment), stamp, idle: undefined };
  kept.set(script, entry);
  const end = () => {
    forget(script, entry);
    entry.host.retire();
  };
  entry.idle = setTimeout(end, Math.max(rest, shortestRest)).unref();
  const [oldest] = kept;
  if (kept.size > bound && oldest !== undefined) {
    forget(...oldest);
    oldest[1].host.retire();
  }
  return entry.host;
}

/** Ends every Perl process, with what it runs. */
async function killAll(): Promise<void> {
  const hosts = [...kept].map(([script, entry]) => {
    forget(script, entry);
    return entry.host;
  });
  await Promise.all(hosts.map((host) => host.kill()));
}

atRelease(killAll);

function forget(script: string, entry: Kept): void {
  clearTimeout(entry.idle);
  if (kept.get(script) === entry) kept.delete(script);
}

/** A file on a file system that does not answer is no reason to wait beyond the deadline. */
function stampOf(script: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      reject(signal.aborted ? failureOf('command', error, signal) : failureBy('command', error, script));
    };
    const aborted = () => fail(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    stat(script)
      .then(({ ino, size, mtimeMs, ctimeMs }) => resolve([ino, size, mtimeMs, ctimeMs].join(' ')), fail)
      .finally(() => signal.removeEventListener('abort', aborted));
  });
}
