/**
 * Whether a POP3 server greets and answers a question for its capabilities or, where a login is set, lets that
 * user in (RFC 1939, RFC 2449), after STLS where STARTTLS is set. A login locks the mailbox until it ends.
 */

import type { Answer, Check } from './probe.js';
import { withDialogue } from './wire/dialogue.js';
import { answer } from './wire/failure.js';
import { converse, type Expect, line, type Step, type TextProtocol } from './wire/text-protocol.js';

export function probePop(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const reply = await converse(dialogue, pop(check));
      return `response: ${dialogue.quoted(reply[0] ?? '')}`;
    }),
  );
}

function pop(check: Check): TextProtocol {
  return {
    greeting: fine,
    steps: [...(check.tls?.mode === 'starttls' ? [startTls] : []), ...(check.login === '' ? [capa] : login(check))],
    quit: 'QUIT',
  };
}

const fine: Expect = line(/^\+OK\b/i);

const startTls: Step = { phase: 'starttls', send: 'STLS', expect: fine, startsTls: true };

/** Old servers do not know the question, and are well. */
const capa: Step = {
  phase: 'query',
  send: 'CAPA',
  expect: { more: (text, first) => /^\+OK\b/i.test(first) && text !== '.', ok: /^(?:\.$|-ERR\b)/i },
};

function login({ login: user, passwd }: Check): Step[] {
  return [
    { phase: 'login', send: `USER ${user}`, expect: fine },
    { phase: 'login', send: `PASS ${passwd}`, secrets: [passwd], expect: fine },
  ];
}
