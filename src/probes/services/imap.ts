/**
 * Up means that the IMAP server greets with OK or PREAUTH and answers the question for its capabilities with OK (RFC
 * 3501), with `tls=starttls` under TLS; with `login`, that it lets that user in instead, unless it greets with PREAUTH:
 * then it knows already who asks. No mailbox is opened.
 */

import { answer } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withDialogue } from '../wire/dialogue.js';
import { converse, expectTagged, lastOf, line, type Step, type TextProtocol } from '../wire/text-protocol.js';

export function probeImap(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const reply = await converse(dialogue, imap(check));
      dialogue.send('c LOGOUT\r\n');
      // Without the list of capabilities that many put into it.
      return `response: ${dialogue.quoted(lastOf(reply).replace(/ \[[^\]]*\]/, ''))}`;
    }),
  );
}

function imap(check: Check): TextProtocol {
  return {
    greeting: line(/^\* (?:OK|PREAUTH)\b/i),
    steps: [...(check.tls?.mode === 'starttls' ? [startTls] : []), check.login === '' ? capability : login(check)],
  };
}

const startTls: Step = { phase: 'starttls', send: 'a STARTTLS', expect: expectTagged('a'), startsTls: true };
const capability: Step = { phase: 'query', send: 'b CAPABILITY', expect: expectTagged('b') };

function login({ login: user, passwd }: Check): Step {
  const password = quote(passwd);
  return {
    phase: 'login',
    // After PREAUTH a login is an error (section 7.1.4).
    send: (reply) => (/^\* PREAUTH\b/i.test(lastOf(reply)) ? 'b CAPABILITY' : `b LOGIN ${quote(user)} ${password}`),
    secrets: [password.slice(1, -1), passwd],
    expect: expectTagged('b'),
  };
}

/** A quoted string (RFC 3501, section 4.3); letters beyond ASCII go as UTF-8, which servers take. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
