/** Why something is asked for, who asks, and whether a virtual service may lose its last server by it. */

import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { AskError } from '../control/client.js';
import type { ErrorCode } from '../control/protocol.js';
import { isReason, isUserName, longestReason } from '../model/origin.js';
import type { Steered } from '../overrides/steering.js';
import { printable } from '../terminal/printable.js';
import { failed, usage } from './command.js';
import type { DaemonClient } from './daemon-client.js';

/** For `parseArgs`. */
export const wishOptions = {
  reason: { type: 'string' },
  force: { type: 'boolean', default: false },
} as const;

export interface GivenWish {
  readonly reason: string | null;
  /** Who says so; the daemon knows the user of the socket, and not who came by sudo. */
  readonly user: string | null;
  readonly force: boolean;
}

export function wishOf(
  verb: string,
  { reason, force }: { readonly reason?: string | undefined; readonly force: boolean },
): GivenWish {
  if (reason !== undefined && !isReason(reason)) {
    throw usage(`${verb}: --reason must be one line of at most ${longestReason} characters that can be printed`);
  }
  return { reason: reason ?? null, user: ownName(), force };
}

/** Whose shell it is, also by way of sudo; null where nobody knows. */
function ownName(): string | null {
  const name = process.env['SUDO_USER'] || accountName();
  return name !== null && isUserName(name) ? name : null;
}

function accountName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // The number has no name.
    return null;
  }
}

/** What is done only where somebody wants it all the same. */
const doubtful: ReadonlySet<string> = new Set<ErrorCode>(['last-server', 'nobody-ready']);

/**
 * Asks for it. Where a virtual service would lose its last server, or nobody is known to take the clients, somebody at a
 * terminal is asked once more; null where they do not want that, which is an exit status.
 */
export async function askFor<T = Steered>(
  client: DaemonClient,
  verb: 'drain' | 'weight' | 'handover',
  given: GivenWish & Readonly<Record<string, unknown>>,
  question: string,
): Promise<T | null> {
  try {
    return (await client.once(verb, given)) as T;
  } catch (error) {
    if (!(error instanceof AskError && doubtful.has(error.code)) || given.force) throw error;
    const fault = printable(error.message);
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
      throw new Error(`${verb}: ${fault}: --force does it all the same`);
    }
    return (await isSure(`${fault}. ${question} [y/N] `)) ? askFor(client, verb, { ...given, force: true }, '') : null;
  }
}

/** Whatever is not a yes is a no, the end of the input and an interrupt as well. */
async function isSure(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const over = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
  try {
    const answer = await Promise.race([terminal.question(question).catch(() => null), over]);
    if (answer === null) process.stderr.write('\n');
    return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
  } finally {
    terminal.close();
  }
}

/** Of a question that was answered with no. */
export function leaveIt(verb: string): number {
  process.stderr.write(`ldirectord: ${verb}: nothing was changed\n`);
  return failed;
}
