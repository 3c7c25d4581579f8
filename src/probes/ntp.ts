/** Whether a time server answers (RFC 5905, SNTP as in its section 14), and has the time itself. */

import { randomBytes } from 'node:crypto';
import type { Answer, Check } from './probe.js';
import { askDatagram } from './wire/datagram.js';
import { answer, ProbeFailure, printable } from './wire/failure.js';

const headerLength = 48;
const version = 4;
const modes = { client: 3, server: 4 } as const;
/** Places of the header's fields, in bytes. */
const at = { stratum: 1, reference: 12, origin: 24, transmit: 40 } as const;
/** The leap indicator of a server that has no time. */
const unsynchronized = 3;
const lowestStratum = 15;

export function probeNtp(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() => {
    // The server only hands this back, so that it need not be the time: a random one cannot be guessed.
    const origin = randomBytes(8);
    const { address, port, route, negotiateTimeout: timeout } = check;
    const read = (said: Buffer) => (isAnswer(said, origin) ? judge(said) : null);
    return askDatagram({ address, port, route, request: requestOf(origin), timeout, phase: 'query', read }, signal);
  });
}

function requestOf(origin: Buffer): Buffer {
  const request = Buffer.alloc(headerLength);
  request[0] = (version << 3) | modes.client;
  origin.copy(request, at.transmit);
  return request;
}

function isAnswer(said: Buffer, origin: Buffer): boolean {
  return (
    said.length >= headerLength &&
    (said.readUInt8(0) & 7) === modes.server &&
    said.subarray(at.origin, at.origin + 8).equals(origin)
  );
}

function judge(said: Buffer): string {
  const stratum = said.readUInt8(at.stratum);
  if (stratum === 0) throw new ProbeFailure('response', kissOf(said));
  if (said.readUInt8(0) >> 6 === unsynchronized || stratum > lowestStratum) {
    throw new ProbeFailure('response', `the server is not synchronized (stratum ${stratum})`);
  }
  if (said.readBigUInt64BE(at.transmit) === 0n) throw new ProbeFailure('response', 'the server gives no time');
  return `response: stratum ${stratum}`;
}

/** RFC 5905, section 7.4; a server that never had the time has no code. */
function kissOf(said: Buffer): string {
  const code = printable(said.toString('latin1', at.reference, at.reference + 4));
  if (!/^[A-Z]{3,4}$/.test(code)) return 'the server is not synchronized (stratum 0)';
  const meaning = kisses[code];
  return `kiss-o'-death ${code}${meaning === undefined ? '' : `, ${meaning}`}`;
}

const kisses: Readonly<Record<string, string>> = {
  DENY: 'access is denied',
  INIT: 'the server has not synchronized yet',
  RATE: 'the server is asked too often',
  RSTR: 'access is denied by its policy',
  STEP: 'the server has just set its clock and is not synchronized',
};
