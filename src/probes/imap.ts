/**
 * Whether an IMAP server greets and tells its capabilities or, where a login is set, lets that user in
 * (RFC 3501), after STARTTLS where that is set. No mailbox is opened.
 */

import type { Answer, Check } from './probe.js';
import { withDialogue } from './wire/dialogue.js';
import { answer } from './wire/failure.js';
import { converse, lastOf, line, type Step, type TextProtocol, tagged } from './wire/text-protocol.js';

export function probeImap(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const reply = await converse(dialogue, imap(check));
      // Without the list of capabilities that many put into it.
      return `response: ${dialogue.quoted(lastOf(reply).replace(/ \[[^\]]*\]/, ''))}`;
    }),
  );
}

function imap(check: Check): TextProtocol {
  return {
    greeting: line(/^\* (?:OK|PREAUTH)\b/i),
    steps: [...(check.tls?.mode === 'starttls' ? [startTls] : []), check.login === '' ? capability : login(check)],
    quit: 'c LOGOUT',
  };
}

const startTls: Step = { phase: 'starttls', send: 'a STARTTLS', expect: tagged('a'), startsTls: true };
const capability: Step = { phase: 'query', send: 'b CAPABILITY', expect: tagged('b') };

function login({ login: user, passwd }: Check): Step {
  const password = quoted(passwd);
  return {
    phase: 'login',
    send: `b LOGIN ${quoted(user)} ${password}`,
    secrets: [password.slice(1, -1), passwd],
    expect: tagged('b'),
  };
}

/** A quoted string (RFC 3501, section 4.3); letters beyond ASCII go as UTF-8, which servers take. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
