/**
 * Up means that the SIP server answers an OPTIONS request for `login` with status 200 (RFC 3261, section 11), over UDP
 * or TCP as the virtual service has it; a challenge by digest is answered with `passwd` where that is set.
 */

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import os from 'node:os';
import { answer, type Phase, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { askDatagram } from '../sockets/datagram.js';
import { withConnection } from '../sockets/dial.js';
import { Dialogue } from '../wire/dialogue.js';
import * as sip from '../wire/sip-message.js';

/** Bytes of the head of an answer. */
const headBound = 64 * 1024;
/** Provisional answers, and answers to somebody else, that are passed over. */
const passedOver = 20;

export function probeSip(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() => {
    const address = check.login || `ldirectord@${process.env['HOSTNAME'] || os.hostname()}`;
    if (/[\p{Cc}\s<>"]/u.test(address)) throw new ProbeFailure('request', 'login is no address of SIP: name@domain');
    return check.protocol === 'udp' ? overUdp(check, address, signal) : overTcp(check, address, signal);
  });
}

/** Sends a request, made for the local end, and gives its final answer. */
type Ask = (
  make: (transport: sip.SipRequest['transport'], sentBy: string) => sip.SipRequest,
) => Promise<sip.SipResponse>;

async function query(check: Check, address: string, ask: Ask): Promise<string> {
  const callId = random();
  const tag = random();
  const once = (sequence: number, authorization: string) =>
    ask((transport, sentBy) => {
      // Each request is a transaction of its own.
      const branch = sip.branchStart + random();
      return { transport, sentBy, address, branch, tag, callId, sequence, authorization };
    });
  const first = await once(1, '');
  if (check.passwd === '' || (first.status !== 401 && first.status !== 407)) return judge(first, 'response');
  const [user = ''] = address.split('@');
  const credentials = { user, password: check.passwd, uri: `sip:${address}`, cnonce: random() };
  const authorization = sip.authorization(first, credentials);
  if (authorization === '') throw new ProbeFailure('login', 'the server wants a login that is not by digest');
  return judge(await once(2, authorization), 'login');
}

function judge({ status, phrase }: sip.SipResponse, phase: Phase): string {
  if (status !== 200) throw new ProbeFailure(phase, printable(`status ${status} ${phrase}`));
  return 'response: status 200';
}

function overUdp(check: Check, address: string, signal: AbortSignal): Promise<string> {
  const ends = performance.now() + check.negotiateTimeout;
  return query(check, address, (make) => {
    let made: sip.SipRequest | null = null;
    const request = (local: net.AddressInfo): Buffer => {
      made = make('UDP', endpoint(local.address, local.port));
      return Buffer.from(sip.optionsRequest(made));
    };
    const read = (said: Buffer) => finalAnswer(sip.parseSip(said.toString('latin1')), made);
    const timeout = Math.max(1, ends - performance.now());
    const { address, port, route } = check;
    return askDatagram({ address, port, route, request, timeout, phase: 'query', read }, signal);
  });
}

function overTcp(check: Check, address: string, signal: AbortSignal): Promise<string> {
  return withConnection(check, signal, (connection) => {
    const dialogue = new Dialogue(connection, signal);
    const { localAddress = '', localPort = 0 } = connection.socket;
    return query(check, address, async (make) => {
      const request = make(check.tls === null ? 'TCP' : 'TLS', endpoint(localAddress, localPort));
      dialogue.send(sip.optionsRequest(request));
      for (let left = passedOver; left > 0; left -= 1) {
        const head = await nextHead(dialogue);
        const response = sip.parseSip(head);
        if (response === null) throw new ProbeFailure('query', `no answer of SIP: "${printable(head)}"`);
        const [length = '0'] = response.headers('content-length');
        if (!/^\d{1,9}$/.test(length)) throw new ProbeFailure('query', 'a Content-Length that is no number');
        await dialogue.bytes(Number(length), 'query');
        const final = finalAnswer(response, request);
        if (final !== null) return final;
      }
      throw new ProbeFailure('query', `${passedOver} messages that are no final answer`);
    });
  });
}

async function nextHead(dialogue: Dialogue): Promise<string> {
  for (;;) {
    const bytes = await dialogue.upTo('\r\n\r\n', 'query', headBound);
    const head = sip.withoutEmptyLines(bytes.toString('latin1'));
    if (head !== '') return head;
  }
}

function finalAnswer(response: sip.SipResponse | null, request: sip.SipRequest | null): sip.SipResponse | null {
  if (response === null || request === null || !sip.isAnswer(response, request)) return null;
  return response.status < 200 ? null : response;
}

function endpoint(address: string, port: number): string {
  return net.isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function random(): string {
  return randomBytes(8).toString('hex');
}
