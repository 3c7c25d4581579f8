/**
 * Up means: the server answers that it is synchronized, at stratum 1 to 15, at less than 16 s from the sources of its
 * time by root delay and root dispersion, and not with a time that lies before its last correction: what its clients ask
 * of it (RFC 5905, SNTP as in section 14). Whether its clock is right can be seen by this machine's alone: the success
 * says how far it is off.
 */

import { randomBytes } from 'node:crypto';
import { answer, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { askDatagram } from '../sockets/datagram.js';

const headerLength = 48;
const version = 4;
const modes = { client: 3, server: 4 } as const;
/** Places of the header's fields, in bytes. */
const at = { stratum: 1, delay: 4, dispersion: 8, reference: 12, corrected: 16, origin: 24, transmit: 40 } as const;
/** The leap indicator of a server that has no time. */
const unsynchronized = 3;
const lowestStratum = 15;
/** MAXDISP of RFC 5905: seconds from the sources of the time beyond which no client takes it. */
const greatestDistance = 16;
/** Seconds from 1900 to 1970. */
const epoch = 2_208_988_800;

export function probeNtp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
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
  const time = said.readBigUInt64BE(at.transmit);
  if (time === 0n) throw new ProbeFailure('response', 'the server gives no time');
  const distance = shortFormat(said, at.delay) / 2 + shortFormat(said, at.dispersion);
  if (distance >= greatestDistance) {
    const bound = `${distance.toFixed(1)} s by root delay and dispersion`;
    throw new ProbeFailure('response', `the server has lost the time: it can be wrong by ${bound}`);
  }
  const corrected = said.readBigUInt64BE(at.corrected);
  // Zero where it does not tell.
  if (corrected !== 0n && secondsFrom(time, corrected) > 0) {
    throw new ProbeFailure('response', 'the time of the server lies before its last correction');
  }
  return `response: stratum ${stratum}, ${offsetOf(time)}`;
}

/** Seconds, in 16 bits before the point and 16 behind it. */
function shortFormat(said: Buffer, place: number): number {
  return said.readUInt32BE(place) / 2 ** 16;
}

/** From one timestamp to another one in seconds, of which there are 32 bits before the point: they wrap in 2036. */
function secondsFrom(one: bigint, other: bigint): number {
  return Number(BigInt.asIntN(64, other - one)) / 2 ** 32;
}

/** Coarse, since it holds the way from the server to here, and so that the reason stays the same. */
function offsetOf(time: bigint): string {
  const here = BigInt(Math.round((Date.now() / 1000 + epoch) * 2 ** 10)) << 22n;
  const ahead = Math.round(secondsFrom(here, time) * 10) / 10;
  if (Math.abs(ahead) < 0.5) return 'less than 0.5 s from the time of this machine';
  return `${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} the time of this machine`;
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
