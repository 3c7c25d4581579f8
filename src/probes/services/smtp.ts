/**
 * Up means that the mail server greets with 220 and answers EHLO or HELO with 250 (RFC 5321), with `tls=starttls` under
 * TLS again, and with `login` that it lets that user in (RFC 4954). No mail is begun.
 */

import { createHmac } from 'node:crypto';
import os from 'node:os';
import { helloNames } from '../../system/hello-names.js';
import { answer, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withDialogue } from '../wire/dialogue.js';
import { converse, expectCode, lastOf, proceed, type Reply, type Step } from '../wire/text-protocol.js';

export function probeSmtp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const hello = greet(helloNames(os.hostname(), dialogue.localAddress));
      const steps = [hello, ...(check.tls?.mode === 'starttls' ? [startTls, hello] : [])];
      const greeted = await converse(dialogue, { greeting: expectCode(/^220\b/), steps });
      const reply = await proceed(dialogue, login(check, greeted), greeted);
      dialogue.send('QUIT\r\n');
      return `response: ${dialogue.quoted(lastOf(reply))}`;
    }),
  );
}

/** At last as to an old server that knows no EHLO (RFC 5321, section 3.2). */
function greet([name, ...others]: readonly [string, ...string[]]): Step {
  const last = others.at(-1) ?? name;
  const otherwise = [...others.map((other) => `EHLO ${other}`), `HELO ${last}`];
  return { phase: 'query', send: `EHLO ${name}`, expect: expectCode(/^250\b/), otherwise };
}

const startTls: Step = { phase: 'starttls', send: 'STARTTLS', expect: expectCode(/^220\b/), startsTls: true };

/** By the first mechanism here that the server offers; without a word from it by the first of all. */
function login(check: Check, hello: Reply): readonly Step[] {
  if (check.login === '') return [];
  const offered = offeredIn(hello);
  if (offered.length === 0) return plain(check);
  const found = Object.entries(mechanisms).find(([name]) => offered.includes(name));
  if (found !== undefined) return found[1](check);
  const known = Object.keys(mechanisms).join(', ');
  throw new ProbeFailure('login', printable(`the server offers ${offered.join(', ')}, and none of ${known}`));
}

/** Those that need no more than a name and a password. */
const mechanisms: Readonly<Record<string, (check: Check) => readonly Step[]>> = {
  PLAIN: plain,
  LOGIN: byNameAndPassword,
  'CRAM-MD5': byDigest,
};

/** `250-AUTH PLAIN LOGIN`; some servers write `AUTH=`. */
function offeredIn(hello: Reply): readonly string[] {
  return hello.flatMap((text) => {
    const [, names = ''] = /^250[ -]AUTH[ =](.*)$/i.exec(text) ?? [];
    return names.toUpperCase().split(/\s+/).filter(Boolean);
  });
}

const accepted = expectCode(/^235\b/);
const asked = expectCode(/^334\b/);

function plain({ login: user, passwd }: Check): readonly Step[] {
  const credentials = base64(`\0${user}\0${passwd}`);
  const secrets = [credentials, passwd];
  return [
    { phase: 'login', send: `AUTH PLAIN ${credentials}`, secrets, expect: expectCode(/^(?:235|334)\b/) },
    // From a server that does not see what stands behind the mechanism.
    { phase: 'login', send: (reply) => (lastOf(reply).startsWith('334') ? credentials : null), expect: accepted },
  ];
}

function byNameAndPassword({ login: user, passwd }: Check): readonly Step[] {
  return [
    { phase: 'login', send: 'AUTH LOGIN', expect: asked },
    { phase: 'login', send: base64(user), expect: asked },
    { phase: 'login', send: base64(passwd), secrets: [base64(passwd), passwd], expect: accepted },
  ];
}

/** RFC 2195: the password itself does not travel. */
function byDigest({ login: user, passwd }: Check): readonly Step[] {
  const respond = (reply: Reply): string => {
    const challenge = Buffer.from(lastOf(reply).slice('334 '.length), 'base64');
    return base64(`${user} ${createHmac('md5', passwd).update(challenge).digest('hex')}`);
  };
  return [
    { phase: 'login', send: 'AUTH CRAM-MD5', expect: asked },
    // Passwords can be guessed from it.
    { phase: 'login', send: respond, secrets: (sent) => [sent, passwd], expect: accepted },
  ];
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
