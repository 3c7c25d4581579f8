/**
 * Up means that the POP3 server greets with +OK and answers the question for its capabilities, if only with an error,
 * or else the farewell behind it (RFC 1939, RFC 2449), with `tls=starttls` after STLS; with `login`, that it lets that
 * user in instead. A login locks the mailbox until it ends.
 */

import { answer } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Dialogue, withDialogue } from '../wire/dialogue.js';
import { converse, type Expect, expectReply, lastOf, line, type Reply, type Step } from '../wire/text-protocol.js';

export function probePop(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const starttls = check.tls?.mode === 'starttls' ? [startTls] : [];
      const steps = [...starttls, ...login(check)];
      const reached = await converse(dialogue, { greeting: fine, steps });
      const reply = check.login === '' ? await capabilities(dialogue) : reached;
      if (check.login !== '') dialogue.send('QUIT\r\n');
      return `response: ${dialogue.quoted(lastOf(reply))}`;
    }),
  );
}

const fine: Expect = line(/^\+OK\b/i);

const startTls: Step = { phase: 'starttls', send: 'STLS', expect: fine, startsTls: true };

function login({ login: user, passwd }: Check): readonly Step[] {
  if (user === '') return [];
  return [
    { phase: 'login', send: `USER ${user}`, expect: fine },
    { phase: 'login', send: `PASS ${passwd}`, secrets: [passwd], expect: fine },
  ];
}

/**
 * Old servers do not know the question: some say so, some take it for granted and list nothing, some pass it over. So
 * the first line is answer enough, and the farewell, which every server knows, goes along with the question.
 */
function capabilities(dialogue: Dialogue): Promise<Reply> {
  dialogue.send('CAPA\r\nQUIT\r\n');
  return expectReply(dialogue, line(/^(?:\+OK|-ERR)\b/i), 'query');
}
