/**
 * Whether a news server greets (RFC 3977) and, where a login is set, lets that user in (RFC 4643). A request is
 * an extension: a command, whose reply `receive` must match. Without one `receive` says nothing, as in the
 * reference.
 */

import { answer, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Dialogue, withDialogue } from '../wire/dialogue.js';
import { readMatch, requireMatch } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';
import { converse, expectCode, lastOf, oneLine, type TextProtocol } from '../wire/text-protocol.js';

/** Bytes of a reply that are searched; lists of groups are longer. */
const bound = 512 * 1024;

export function probeNntp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const reply = await converse(dialogue, nntp(check));
      const last = ownRequest(check) === '' ? lastOf(reply) : await ask(dialogue, check);
      dialogue.send('QUIT\r\n');
      return `response: ${dialogue.quoted(last)}`;
    }),
  );
}

function nntp({ login, passwd }: Check): TextProtocol {
  return {
    greeting: expectCode(/^20[01]\b/),
    steps:
      login === ''
        ? []
        : [
            { phase: 'login', send: `AUTHINFO USER ${login}`, expect: expectCode(/^(?:281|381)\b/) },
            {
              phase: 'login',
              send: ([reply]) => (reply?.startsWith('381') ? `AUTHINFO PASS ${passwd}` : null),
              secrets: [passwd],
              expect: expectCode(/^281\b/),
            },
          ],
  };
}

/** The first line of the reply; the pattern is looked for in the lines that follow it or, where none do, in it. */
async function ask(dialogue: Dialogue, check: Check): Promise<string> {
  const { receive } = check;
  const request = oneLine(ownRequest(check), 'query');
  dialogue.send(`${request}\r\n`);
  const first = await dialogue.line('query');
  if (!/^[123]\d\d\b/.test(first)) throw new ProbeFailure('query', `the server says "${dialogue.quoted(first)}"`);
  if (isList(first, request)) await readMatch(dialogue, { receive, phase: 'response', bound, whole: isWhole });
  else requireMatch(dialogue, Buffer.from(first, 'latin1'), receive, 'response');
  return first;
}

/** Which replies have lines that follow goes by the code alone, but for 211 (RFC 3977, section 3.2). */
function isList(first: string, request: string): boolean {
  return /^(?:10[01]|215|22[01245]|23[01])\b/.test(first) || (first.startsWith('211') && /^LISTGROUP\b/i.test(request));
}

/** A dot on a line of its own ends the list, and is all of an empty one. */
function isWhole(said: Buffer): boolean {
  return /(?:^|\n)\.\r\n$/.test(said.subarray(-4).toString('latin1'));
}
