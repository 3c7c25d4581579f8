/** Whether what a server says matches what the check expects of it. */

import type { Pattern } from '../../config/model.js';
import type { Dialogue } from './dialogue.js';
import { type Phase, ProbeFailure, printable } from './failure.js';

/** Who knows what must not be repeated. */
type Quoting = Pick<Dialogue, 'quoted'>;

/**
 * Reads until what the server says matches, or it says anything where there is no pattern. Rejects with a
 * ProbeFailure where that has not come when the server closes, `bound` bytes have been read or the signal aborts.
 */
export async function readMatch(
  dialogue: Dialogue,
  receive: Pattern | null,
  phase: Phase,
  bound: number,
): Promise<Buffer> {
  let said: Buffer = Buffer.alloc(0);
  const holds = (unread: Buffer) => {
    said = unread;
    return said.length > 0 && (receive === null || matches(said, receive));
  };
  try {
    return await dialogue.until(holds, phase, bound);
  } catch (error) {
    // That the server has said something else explains more than that it then said no more.
    if (error instanceof ProbeFailure && receive !== null && said.length > 0) {
      throw mismatch(dialogue, said, receive, phase);
    }
    throw error;
  }
}

/** Throws a ProbeFailure where what the server said does not match; without a pattern everything does. */
export function requireMatch(dialogue: Quoting, said: Buffer, receive: Pattern | null, phase: Phase): void {
  if (receive !== null && !matches(said, receive)) throw mismatch(dialogue, said, receive, phase);
}

function mismatch(dialogue: Quoting, said: Buffer, receive: Pattern, phase: Phase): ProbeFailure {
  const quoted = dialogue.quoted(said.toString('latin1'));
  return new ProbeFailure(phase, `no match for "${printable(receive.source)}" in "${quoted}"`);
}

export function matches(said: Buffer, receive: Pattern): boolean {
  // `search` starts at the front whatever flags the expression has.
  return textOf(said).search(receive.regex) >= 0;
}

/**
 * Bytes as UTF-8 or, where they are not, as one character a byte: then what is plain ASCII in them still
 * matches, and `\xe9` means the byte.
 */
function textOf(said: Buffer): string {
  try {
    // As a stream, a character that has come by half is no error.
    return new TextDecoder('utf-8', { fatal: true }).decode(said, { stream: true });
  } catch {
    return said.toString('latin1');
  }
}
