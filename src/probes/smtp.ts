/**
 * Whether a mail server greets and takes an EHLO or HELO (RFC 5321), after STARTTLS and a login where these are
 * set. No mail is begun.
 */

import os from 'node:os';
import type { Answer, Check } from './probe.js';
import { withDialogue } from './wire/dialogue.js';
import { answer } from './wire/failure.js';
import { coded, converse, type Reply, type Step, type TextProtocol } from './wire/text-protocol.js';

export function probeSmtp(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const reply = await converse(dialogue, smtp(check));
      return `response: ${dialogue.quoted(reply.at(-1) ?? '')}`;
    }),
  );
}

function smtp(check: Check): TextProtocol {
  return {
    greeting: coded(/^220\b/),
    steps: [hello, ...(check.tls?.mode === 'starttls' ? [startTls, hello] : []), ...login(check)],
    quit: 'QUIT',
  };
}

/** A name that no server can find wrong, and an old server that knows no EHLO (RFC 5321, section 3.2). */
const name = /^[\w.-]+$/.test(os.hostname()) ? os.hostname() : '[127.0.0.1]';
const hello: Step = { phase: 'query', send: `EHLO ${name}`, expect: coded(/^250\b/), otherwise: `HELO ${name}` };

const startTls: Step = { phase: 'starttls', send: 'STARTTLS', expect: coded(/^220\b/), startsTls: true };

/** By the first mechanism that the server offers and that needs no more than a name and a password (RFC 4954). */
function login({ login: user, passwd }: Check): Step[] {
  if (user === '') return [];
  const plain = base64(`\0${user}\0${passwd}`);
  const secrets = [plain, base64(passwd), passwd];
  const byName = (reply: Reply) => !offers(reply, 'PLAIN') && offers(reply, 'LOGIN');
  const accepted = coded(/^235\b/);
  const asked = coded(/^334\b/);
  return [
    {
      phase: 'login',
      send: (reply) => (byName(reply) ? 'AUTH LOGIN' : `AUTH PLAIN ${plain}`),
      secrets,
      expect: coded(/^(?:235|334)\b/),
    },
    { phase: 'login', send: (reply) => (isPrompt(reply) ? base64(user) : null), expect: asked },
    { phase: 'login', send: (reply) => (isPrompt(reply) ? base64(passwd) : null), expect: accepted },
  ];
}

function isPrompt(reply: Reply): boolean {
  return reply.at(-1)?.startsWith('334') === true;
}

/** `250-AUTH PLAIN LOGIN`; some servers write `AUTH=`. */
function offers(reply: Reply, mechanism: string): boolean {
  return reply.some((text) => new RegExp(`^250[ -]AUTH[ =](?:.* )?${mechanism}(?: |$)`, 'i').test(text));
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
