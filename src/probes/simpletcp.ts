/** Whether a server answers a text with one that matches, over a connection of its own. */

import type { Answer, Check } from './probe.js';
import { withDialogue } from './wire/dialogue.js';
import { answer } from './wire/failure.js';
import { readMatch } from './wire/match.js';
import { ownRequest } from './wire/text-protocol.js';

/** Bytes of an answer that are searched. */
const bound = 64 * 1024;

/**
 * The answer may come in pieces, and the connection may stay open: it is read until it matches. Without
 * `receive` any answer counts, and without `request` the server speaks first.
 */
export function probeSimpleTcp(check: Check, signal: AbortSignal): Promise<Answer> {
  const { receive } = check;
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      // The only escape that the manual knows.
      const request = ownRequest(check).replaceAll('\\n', '\n');
      if (request !== '') dialogue.send(request);
      const whole = (said: Buffer) => receive === null && said.length > 0;
      const said = await readMatch(dialogue, { receive, phase: 'response', bound, whole });
      return `response: ${receive === null ? '' : 'a match in '}${said.length} bytes`;
    }),
  );
}
