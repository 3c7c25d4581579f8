/** Pings by the system's `ping` program, which has the permission that this process may lack. */

import { performance } from 'node:perf_hooks';
import ping from 'ping';
import { failureOf, Hindrance, ProbeFailure, printable } from '../failure.js';
import type { Check } from '../probe.js';
import { Turns } from '../programs/turns.js';

/**
 * Programs at once. High, because each silent host holds a turn for its whole timeout: with few turns, dead
 * hosts would use up the time of living ones. A waiting `ping` is small and idle.
 */
const bound = 256;
const turns = new Turns(bound);

/** Seconds that the program may outlast the deadline: its clock has whole seconds only, ours started before. */
const slack = 0.25;

/** Resolves to the reason of a success, and rejects with a ProbeFailure. The address is a numeric one. */
export async function pingByProgram(check: Check, signal: AbortSignal): Promise<string> {
  const started = performance.now();
  const work = () => ask(check, check.checkTimeout / 1000 - (performance.now() - started) / 1000);
  try {
    return await turns.take(signal, work);
  } catch (error) {
    throw error instanceof ProbeFailure || !signal.aborted ? error : explainCrowd(error, signal);
  }
}

/** Sends `checkcount` requests, spread over the seconds that are left, and stops at the first reply. */
async function ask(check: Check, left: number): Promise<string> {
  // The package gives no handle to end its program with; -w ends it by itself, in whole seconds.
  const seconds = Math.max(1, Math.floor(left + slack));
  if (seconds > left + slack) {
    throw new ProbeFailure('ping', 'no time left to ask');
  }
  // With -w the program sends until a reply comes; the interval lets no request more than `checkcount` fit in.
  const interval = seconds / (check.checkcount - 0.5);
  const result = await ping.promise
    .probe(check.address, {
      min_reply: 1,
      deadline: seconds,
      timeout: seconds,
      // The plain program takes both families; Debian's newer releases have no ping6.
      v6: false,
      extra: ['-i', interval.toFixed(3)],
    })
    // The package hides the cause, and fails so only where it could not start the program.
    .catch(() => {
      throw new Hindrance('ping', 'the program cannot be started: is iputils-ping installed?');
    });
  if (result.alive) {
    return 'ping: answered';
  }
  const complaint = result.output.split('\n').find((line) => /^(From |ping: )/.test(line));
  throw new ProbeFailure('ping', complaint === undefined ? `no answer within ${seconds} s` : printable(complaint));
}

/** It never had its turn, for the pings of others. */
function explainCrowd(error: unknown, signal: AbortSignal): ProbeFailure {
  const { what } = failureOf('ping', error, signal);
  return new Hindrance('ping', what).after(`waiting for one of ${bound} pings to end`);
}
