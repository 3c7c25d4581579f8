/** Whether what a server says matches what the check expects of it. */

import { isAscii, isUtf8 } from 'node:buffer';
import type { Pattern } from '../../model/config.js';
import { Hindrance, type Phase, ProbeFailure, printable } from '../failure.js';
import { isFound, SearchOverrun, searchBound } from './bounded-search.js';
import type { Dialogue } from './dialogue.js';

export interface Wanted {
  readonly receive: Pattern | null;
  /** Whether all that was said so far matches; by default, as a whole. */
  readonly search?: (said: Buffer) => boolean;
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
export async function readMatch(dialogue: Dialogue, wanted: Wanted): Promise<Buffer> {
  const { receive, phase, bound, whole } = wanted;
  const search = wanted.search ?? ((said) => receive !== null && matches(said, receive));
  let said: Buffer = Buffer.alloc(0);
  let found = false;
  const holds = (unread: Buffer) => {
    said = unread;
    found = receive !== null && said.length > 0 && search(said);
    return found || whole(said);
  };
  try {
    await dialogue.until(holds, phase, bound);
  } catch (error) {
    const says = error instanceof ProbeFailure && !(error instanceof Hindrance) && error.phase !== 'receive';
    // That the server has said something else explains more than that it then said no more.
    throw says && said.length > 0 && receive !== null ? mismatch(dialogue, said, receive, phase) : error;
  }
  if (receive !== null && !found) throw mismatch(dialogue, said, receive, phase);
  return said;
}

/** What quotes a server. */
type Quoting = Pick<Dialogue, 'quoted'>;

/** Throws a ProbeFailure where what the server said does not match; without a pattern everything does. */
export function requireMatch(dialogue: Quoting, said: Buffer, receive: Pattern | null, phase: Phase): void {
  if (receive !== null && !matches(said, receive)) throw mismatch(dialogue, said, receive, phase);
}

export function mismatch(dialogue: Quoting, said: Buffer, { source }: Pattern, phase: Phase): ProbeFailure {
  return new ProbeFailure(
    phase,
    `no match for "${printable(source)}" in "${dialogue.quoted(said.toString('latin1'))}"`,
  );
}

/**
 * Text as it is, bytes as either reading of them. Throws a ProbeFailure where the search takes too long: an event's
 * listener has to catch that.
 */
export function matches(said: Buffer | string, receive: Pattern): boolean {
  try {
    if (typeof said === 'string') return isFound(receive.regex, said);
    if (isAscii(said)) return isFound(receive.regex, said.toString('latin1'));
    for (const text of readingsOf(said, receive)) {
      if (isFound(receive.regex, text)) return true;
    }
    return false;
  } catch (error) {
    throw error instanceof SearchOverrun ? overrun(said, receive) : error;
  }
}

export function overrun(said: Buffer | string, { source }: Pattern): ProbeFailure {
  const what = `the search for "${printable(source)}" in ${said.length} bytes`;
  return new ProbeFailure('receive', `${what} takes more than ${searchBound / 1000} s: make the pattern simpler`);
}

/**
 * Bytes as UTF-8, where they are that but for a character that is cut in two at the end, and as one character a byte, as
 * the reference reads them: `\xe9` means the byte, whatever character set is claimed, and a dot is one byte of `é`. A
 * pattern that has such characters itself would be another one there, as one that wants `é` not to come; it is read so
 * only where the bytes are nothing else.
 */
function* readingsOf(said: Buffer, { source }: Pattern): Generator<string> {
  const text = isUtf8(said) ? said.toString('utf8') : cutText(said);
  if (text !== null) yield text;
  const whole = text !== null && Buffer.byteLength(text) === said.length;
  if (!whole || isAscii(Buffer.from(source))) yield said.toString('latin1');
}

/** Null where more than the last character is none. */
function cutText(said: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(said, { stream: true });
  } catch {
    return null;
  }
}
