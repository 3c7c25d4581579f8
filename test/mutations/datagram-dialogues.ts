/** Services over UDP. */

import { createHash } from 'node:crypto';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { receive } from '../helpers/check.js';
import { type Dialogue, udp } from './dialogue.js';
import type { Answer } from './stage.js';

const secret = 's3cret';
const address = Buffer.from([192, 0, 2, 10]);

const dns: Answer = (request) => {
  const query = decode(request);
  const answers = [{ type: 'A', name: 'www.example.com', data: '192.0.2.10' } as const];
  return [encode({ ...query, type: 'response', flags: RECURSION_DESIRED, answers })];
};

/** RFC 2865, section 3. */
const radius: Answer = (request) => {
  const message = Buffer.from('\x12\x09welcome', 'latin1');
  const head = Buffer.from([2, request.readUInt8(1), 0, 20 + message.length]);
  const proof = createHash('md5').update(head).update(request.subarray(4, 20)).update(message).update(secret);
  return [Buffer.concat([head, proof.digest(), message])];
};

const sip: Answer = (request) => {
  const lines = request
    .toString('latin1')
    .split('\r\n')
    .filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  const said = (status: string) =>
    Buffer.from([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '\r\n'].join('\r\n'));
  return [said('100 Trying'), said('200 OK')];
};

/** Stratum 2, set a moment ago, a millisecond from its source. */
const ntp: Answer = (request) => {
  const said = Buffer.alloc(48);
  said.writeUInt8(0x24, 0);
  said.writeUInt8(2, 1);
  said.writeUInt32BE(66, 4);
  said.writeUInt32BE(66, 8);
  const now = Math.floor(Date.now() / 1000) + 2_208_988_800;
  said.writeUInt32BE(now - 10, 16);
  request.copy(said, 24, 40, 48);
  said.writeUInt32BE(now, 32);
  said.writeUInt32BE(now, 40);
  return [said];
};

const tftp: Answer = (request) => {
  const block = (number: number, text: string) => Buffer.concat([Buffer.from([0, 3, 0, number]), Buffer.from(text)]);
  if (request.readUInt16BE(0) === 1) return [block(1, 'x'.repeat(512))];
  return request.readUInt16BE(2) === 1 ? [block(2, 'serving')] : [];
};

export const datagramDialogues: readonly Dialogue[] = [
  udp(
    'dns',
    { service: 'dns', request: '/www.example.com', receive: receive('^192\\.0\\.2\\.10$') },
    dns,
    // The question's id, no error, and the address.
    ({ said, asked }) =>
      said.some(
        (bytes) =>
          bytes.includes(address) &&
          ((bytes[3] ?? 0) & 0x0f) === 0 &&
          asked.some((request) => request.subarray(0, 2).equals(bytes.subarray(0, 2))),
      ),
  ),
  udp(
    'radius',
    { service: 'radius', login: 'monitor', passwd: 'hunter2', secret },
    radius,
    // The proof covers all of it; what comes after it is padding.
    ({ said, meant }) => said.some((bytes) => meant.some((one) => bytes.subarray(0, one.length).equals(one))),
  ),
  udp('sip', { service: 'sip', login: 'monitor@example.com' }, sip, ({ said, asked }) => {
    const calls = asked.map((request) => /^Call-ID: (\S+)/m.exec(request.toString('latin1'))?.[1] ?? '');
    const isFor = (text: string) => calls.some((call) => text.includes(call));
    return said.some((bytes) => /SIP\/2\.0\s+200/i.test(bytes.toString('latin1')) && isFor(bytes.toString('latin1')));
  }),
  udp('ntp', { service: 'ntp' }, ntp, ({ said, asked }) =>
    said.some(
      (bytes) =>
        bytes.length >= 48 &&
        (bytes.readUInt8(0) & 7) === 4 &&
        bytes.readUInt8(1) >= 1 &&
        bytes.readUInt8(1) <= 15 &&
        asked.some((request) => request.subarray(40, 48).equals(bytes.subarray(24, 32))),
    ),
  ),
  udp('tftp', { service: 'tftp', request: '/status', receive: receive('serving') }, tftp, ({ said }) =>
    said.some((bytes) => bytes[1] === 3 && bytes.includes('serving')),
  ),
  udp(
    'udp',
    { service: 'udp', request: '/ping', receive: receive('serving') },
    () => [Buffer.from('all serving')],
    ({ said }) => said.some((bytes) => bytes.includes('serving')),
  ),
];
