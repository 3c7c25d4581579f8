/**
 * Up means that the FTP server lets `login`, or else `anonymous`, in (RFC 959) and, where `request` or `receive` is set,
 * gives the file, whose first 512 KiB match `receive`, with `tls` under TLS as are the data (RFC 4217); without these
 * three settings a server that takes no anonymous users, or none without TLS, is up too. Data connections are passive
 * and go to the server under check alone, whatever address it names.
 */

import { isIPv6 } from 'node:net';
import os from 'node:os';
import { answer, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Dialogue, withDialogue } from '../wire/dialogue.js';
import { requireMatch } from '../wire/match.js';
import { converse, expectCode, expectReply, lastOf, type Step } from '../wire/text-protocol.js';

/** Bytes of a file that are read. What comes after does not count. */
const bound = 512 * 1024;

export function probeFtp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const steps = [...(check.tls?.mode === 'starttls' ? [startTls] : []), ...login(check)];
      const reply = await converse(dialogue, { greeting: expectCode(/^220\b/), steps });
      const found = fetches(check)
        ? `${await fetchFile(dialogue, check, signal)} bytes of ${dialogue.quoted(check.request)}`
        : dialogue.quoted(lastOf(reply));
      dialogue.send('QUIT\r\n');
      return `response: ${found}`;
    }),
  );
}

/** The default request asks for nothing: a folder cannot be fetched. */
function fetches({ request, receive }: Check): boolean {
  return request !== '/' || receive !== null;
}

/**
 * The first figure says whether a command has been done, and a client that does not know the rest goes by that (RFC 959,
 * section 4.2): 232, say, for who has shown a certificate (RFC 2228).
 */
const done = /^2\d\d\b/;
const startTls: Step = { phase: 'starttls', send: 'AUTH TLS', expect: expectCode(/^234\b/), startsTls: true };

/**
 * As anonymous where no login is set. Then, where nothing is to be fetched, a server that lets no such user in has
 * answered well enough: that is how it is for the reference, and for most servers.
 */
function login(check: Check): Step[] {
  const anonymous = check.login === '';
  const passwd = check.passwd === '' ? `ldirectord@${os.hostname()}` : check.passwd;
  const refused = check.tls === null ? refusedInClear : /^5\d\d\b/;
  const refusable = anonymous && !fetches(check);
  const orRefused = (ok: RegExp) => expectCode(refusable ? new RegExp(`${ok.source}|${refused.source}`) : ok);
  return [
    {
      phase: 'login',
      send: `USER ${anonymous ? 'anonymous' : check.login}`,
      expect: orRefused(/^(?:2\d\d|331)\b/),
    },
    {
      phase: 'login',
      send: (reply) => (lastOf(reply).startsWith('331') ? `PASS ${passwd}` : null),
      secrets: [check.passwd],
      expect: orRefused(done),
    },
    // As the reference does. Users that have no such folder are well: a file is asked for with its whole path.
    {
      phase: 'query',
      send: (reply) => (refused.test(lastOf(reply)) ? null : 'CWD /'),
      expect: expectCode(/^[25]\d\d\b/),
    },
  ];
}

/** With 421 a server goes away, mostly since it has too much to do, but some from a user who comes without TLS. */
const refusedInClear = /^5\d\d\b|^421\b.*\b(?:TLS|SSL)\b/;

/** Fetches the file and returns its length, or the bound where it is longer. */
async function fetchFile(dialogue: Dialogue, check: Check, signal: AbortSignal): Promise<number> {
  const steps: Step[] = [
    ...(check.tls === null ? [] : protection),
    { phase: 'query', send: 'TYPE I', expect: expectCode(done) },
    // Over IPv6 the one of RFC 2428; over IPv4 that is all that some servers have, which are behind other addresses.
    {
      phase: 'query',
      expect: expectCode(/^22[79]\b/),
      ...(isIPv6(check.address) ? { send: 'EPSV' } : { send: 'PASV', otherwise: ['EPSV'] }),
    },
  ];
  const entered = lastOf(await converse(dialogue, { greeting: null, steps }));
  const target = {
    address: check.address,
    port: passivePort(dialogue, entered),
    route: check.route,
    // Servers begin the handshake when they have been told what to send.
    tls: check.tls && { ...check.tls, mode: 'starttls' as const },
    // Many take a data connection only from who resumes the session of the control connection.
    session: dialogue.session(),
  };
  const file = await withDialogue(target, signal, (data) => receiveFile(dialogue, data, check)).catch(
    (error: unknown) => {
      throw error instanceof ProbeFailure && error.phase === 'connect' ? error.after(dialogue.quoted(entered)) : error;
    },
  );
  // A longer one was cut off, of which the server complains.
  if (file.length < bound) await expectReply(dialogue, expectCode(done), 'response');
  requireMatch(dialogue, file, check.receive, 'response');
  return file.length;
}

/** Only the data connection is meant; many servers want to know first who asks. */
const protection: readonly Step[] = [
  { phase: 'starttls', send: 'PBSZ 0', expect: expectCode(done) },
  { phase: 'starttls', send: 'PROT P', expect: expectCode(done) },
];

async function receiveFile(dialogue: Dialogue, data: Dialogue, { request, tls }: Check): Promise<Buffer> {
  const retrieve: Step = { phase: 'query', send: `RETR ${request}`, expect: expectCode(/^1\d\d\b/) };
  await converse(dialogue, { greeting: null, steps: [retrieve] });
  if (tls !== null) await data.upgrade();
  return data.rest('response', bound);
}

/** `227 … (h1,h2,h3,h4,p1,p2)`, of which the parentheses can be missing, or `229 … (|||port|)` (RFC 2428). */
function passivePort(dialogue: Dialogue, reply: string): number {
  const [, extended] = /\(\|\|\|(\d{1,5})\|\)/.exec(reply) ?? [];
  const [, high, low] = /(?:\d{1,3},){4}(\d{1,3}),(\d{1,3})/.exec(reply) ?? [];
  const port = extended === undefined ? Number(high) * 256 + Number(low) : Number(extended);
  if (port > 0 && port <= 0xffff) return port;
  throw new ProbeFailure('query', `no port to fetch from in "${dialogue.quoted(reply)}"`);
}
