/** Whether what a server says matches what the check expects of it. */

import { isAscii, isUtf8 } from 'node:buffer';
import type { Pattern } from '../../config/model.js';
import { isFound, SearchOverrun, searchBound } from './bounded-search.js';
import type { Dialogue } from './dialogue.js';
import { Hindrance, type Phase, ProbeFailure, printable } from './failure.js';

export interface Wanted {
  readonly receive: Pattern | null;
  readonly phase: Phase;
  /** Bytes that are read at most. */
  readonly bound: number;
  /** Whether this is all that the server will say, so that there is no more to wait for. */
  readonly whole: (said: Buffer) => boolean;
}

/**
 * Reads until what the server says matches, and returns it; without a pattern, until it is whole. Rejects with a
 * ProbeFailure where neither comes before the server closes, the bound is reached or the signal aborts.
 */
export async function readMatch(dialogue: Dialogue, { receive, phase, bound, whole }: Wanted): Promise<Buffer> {
  let said: Buffer = Buffer.alloc(0);
  const holds = (unread: Buffer) => {
    said = unread;
    return whole(said) || (receive !== null && said.length > 0 && matches(said, receive));
  };
  try {
    await dialogue.until(holds, phase, bound);
  } catch (error) {
    // That the server has said something else explains more than that it then said no more.
    if (error instanceof ProbeFailure && !(error instanceof Hindrance) && error.phase !== 'receive' && said.length > 0)
      requireMatch(dialogue, said, receive, phase);
    throw error;
  }
  requireMatch(dialogue, said, receive, phase);
  return said;
}

/** Throws a ProbeFailure where what the server said does not match; without a pattern everything does. */
export function requireMatch(
  dialogue: Pick<Dialogue, 'quoted'>,
  said: Buffer,
  receive: Pattern | null,
  phase: Phase,
): void {
  if (receive === null || matches(said, receive)) return;
  const quoted = dialogue.quoted(said.toString('latin1'));
  throw new ProbeFailure(phase, `no match for "${printable(receive.source)}" in "${quoted}"`);
}

/**
 * Text as it is, bytes as either reading of them. Throws a ProbeFailure where the search takes too long: an event's
 * listener has to catch that.
 */
export function matches(said: Buffer | string, receive: Pattern): boolean {
  const readings = typeof said === 'string' ? [said] : readingsOf(said);
  try {
    return readings.some((text) => isFound(receive.regex, text));
  } catch (error) {
    if (!(error instanceof SearchOverrun)) throw error;
    const what = `the search for "${printable(receive.source)}" in ${said.length} bytes`;
    throw new ProbeFailure('receive', `${what} takes more than ${searchBound / 1000} s: make the pattern simpler`);
  }
}

/**
 * Bytes as UTF-8 or, where they are not, as one character a byte: then what is plain ASCII in them still matches,
 * and `\xe9` means the byte, whatever character set is claimed; as the reference does. Where they are but for the last, that can be either: a character cut in two, or a byte.
 */
function readingsOf(said: Buffer): string[] {
  // Nearly always: a decoder of its own for each answer would cost more than everything else that is done with it.
  if (isUtf8(said)) return [said.toString('utf8')];
  const bytes = said.toString('latin1');
  if (isAscii(said)) return [bytes];
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(said, { stream: true });
    return Buffer.byteLength(text) === said.length ? [text] : [text, bytes];
  } catch {
    return [bytes];
  }
}
