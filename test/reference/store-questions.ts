/** Directories, name servers and RADIUS by script; databases that are none. */

import { createHash } from 'node:crypto';
import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import { startDatagramPeer } from '../helpers/datagram-peer.js';
import { directory } from '../helpers/ldap-directory.js';
import type { Behaviour } from '../helpers/listener.js';
import { badServers, nobody, type Question, scripted } from './question.js';

function ldap(): Question[] {
  const base = 'request="dc=example"';
  const cases: readonly (readonly [string, Behaviour, readonly string[]])[] = [
    ['the entry', directory({}), [base]],
    ['the root entry', directory({ entries: [''] }), []],
    ['no entry', directory({ entries: [] }), [base]],
    ['no such entry', directory({ entries: [], search: 32 }), [base]],
    ['two entries', directory({ entries: ['dc=example', 'dc=other'] }), [base]],
    ['its name matches', directory({}), [base, 'receive="^dc=ex"']],
    ['its name does not match', directory({}), [base, 'receive="other"']],
    ['one of its values matches', directory({}), [base, 'receive="^example$"']],
    ['lets in', directory({}), [base, 'login="cn=x"', 'passwd="hunter2"']],
    ['a wrong password', directory({ bind: 49 }), [base, 'login="cn=x"', 'passwd="hunter2"']],
    ['lets nobody in without a name', directory({ bind: 48 }), [base]],
    ['an entry, and an error', directory({ search: 4 }), [base]],
    ['silent', () => {}, [base, 'checktimeout=1', 'negotiatetimeout=1']],
    ['closes at once', (socket) => void socket.end(), [base]],
    ['another protocol', (socket) => void socket.write('220 mail\r\n'), [base, 'checktimeout=1', 'negotiatetimeout=1']],
  ];
  return [
    ...cases.map(
      ([name, behave, lines]): Question => ({
        name: `ldap: ${name}`,
        server: scripted(behave),
        lines: ['service=ldap', ...lines],
      }),
    ),
    { name: 'ldap: refused', server: nobody, lines: ['service=ldap', base] },
    {
      name: 'ldaps: no TLS',
      server: scripted(directory({})),
      lines: ['service=ldaps', base, 'checktimeout=2', 'negotiatetimeout=2'],
    },
    { name: 'ldaps: refused', server: nobody, lines: ['service=ldaps', base] },
  ];
}

const here = { type: 'A', name: 'www.example.com', data: '192.0.2.10' } as const;
const alias = { type: 'CNAME', name: 'www.example.com', data: 'web.example.net' } as const;
const target = { type: 'A', name: 'web.example.net', data: '192.0.2.10' } as const;

function dns(): Question[] {
  const good = (query: Packet): Packet => ({
    ...query,
    type: 'response',
    flags: RECURSION_DESIRED | AUTHORITATIVE_ANSWER,
  });
  const matches = ['request="www.example.com"', 'receive="^192\\.0\\.2\\.10$"'];
  const coded = (code: number) => (query: Packet) => {
    const bytes = encode(good(query));
    bytes.writeUInt8((bytes.readUInt8(3) & 0xf0) | code, 3);
    return [bytes];
  };
  const cases: readonly (readonly [string, (query: Packet) => readonly Buffer[], readonly string[]])[] = [
    ['the address', (query) => [encode({ ...good(query), answers: [here] })], matches],
    ['another address', (query) => [encode({ ...good(query), answers: [{ ...here, data: '192.0.2.11' }] })], matches],
    [
      'the second address',
      (query) => [encode({ ...good(query), answers: [{ ...here, data: '192.0.2.11' }, here] })],
      matches,
    ],
    ['an alias and its target', (query) => [encode({ ...good(query), answers: [alias, target] })], matches],
    ['an alias alone', (query) => [encode({ ...good(query), answers: [alias] })], matches],
    ['nothing', (query) => [encode(good(query))], matches],
    ['no such name', coded(3), matches],
    ['a failure of the server', coded(2), matches],
    ['refused', coded(5), matches],
    [
      'an answer to another question',
      (query) => [encode({ ...good(query), id: (query.id ?? 0) ^ 1, answers: [here] })],
      [...matches, 'negotiatetimeout=2'],
    ],
    ['garbage', () => [Buffer.from('garbage')], [...matches, 'negotiatetimeout=2']],
    [
      'an address without a pattern',
      (query) => [encode({ ...good(query), answers: [here] })],
      ['request="www.example.com"'],
    ],
    [
      'the name of an address',
      (query) => [
        encode({
          ...good(query),
          answers: [{ type: 'PTR', name: '10.2.0.192.in-addr.arpa', data: 'www.example.com' }],
        }),
      ],
      ['request="192.0.2.10"', 'receive="^www"'],
    ],
    [
      'a slash before the name',
      (query) => [encode({ ...good(query), answers: [here] })],
      ['request="/www.example.com"', 'receive="10$"'],
    ],
  ];
  return [
    ...cases.map(
      ([name, answers, lines]): Question => ({
        name: `dns: ${name}`,
        server: () => startDatagramPeer((request) => answers(decode(request))),
        lines: ['service=dns', ...lines],
        protocol: 'udp',
      }),
    ),
    {
      name: 'dns: silent',
      server: () => startDatagramPeer(),
      lines: ['service=dns', ...matches, 'negotiatetimeout=2'],
      protocol: 'udp',
    },
    { name: 'dns: nobody', server: nobody, lines: ['service=dns', ...matches, 'negotiatetimeout=2'], protocol: 'udp' },
  ];
}

function radius(): Question[] {
  const secret = 's3cret';
  /** RFC 2865, section 3. */
  const answered =
    (code: number, known = secret) =>
    (request: Buffer) => {
      const head = Buffer.from([code, request.readUInt8(1), 0, 20]);
      const proof = createHash('md5').update(head).update(request.subarray(4, 20)).update(known);
      return [Buffer.concat([head, proof.digest()])];
    };
  const cases: readonly (readonly [string, (request: Buffer) => readonly Buffer[]])[] = [
    ['accepted', answered(2)],
    ['rejected', answered(3)],
    ['challenged', answered(11)],
    ['another code', answered(5)],
    ['accepted by a liar', answered(2, 'guessed')],
    [
      'another request',
      (request) =>
        answered(2)(request).map((said) =>
          Buffer.concat([said.subarray(0, 1), Buffer.from([said.readUInt8(1) ^ 1]), said.subarray(2)]),
        ),
    ],
    ['silent', () => []],
  ];
  const lines = [
    'service=radius',
    'login="monitor"',
    'passwd="hunter2"',
    `secret="${secret}"`,
    'checktimeout=2',
    'negotiatetimeout=2',
  ];
  return [
    ...cases.map(
      ([name, answer]): Question => ({
        name: `radius: ${name}`,
        server: () => startDatagramPeer(answer),
        lines,
        protocol: 'udp',
      }),
    ),
    { name: 'radius: nobody', server: nobody, lines, protocol: 'udp' },
  ];
}

function databases(): Question[] {
  const lines = ['login="monitor"', 'passwd="hunter2"', 'database="farm"', 'request="SELECT 1"'];
  return (['mysql', 'pgsql'] as const).flatMap((service) => {
    const needs = service === 'mysql' ? 'DBD::mysql' : 'DBD::Pg';
    // Nothing bounds the time of its driver.
    const bad = badServers(`${service} on any port`, [`service=${service}`, ...lines], '').filter(
      ({ name }) => !/silent|halfway/.test(name),
    );
    return [
      ...bad.map((one): Question => ({ ...one, needs })),
      { name: `${service}: no statement`, server: nobody, lines: [`service=${service}`, 'login="monitor"'], needs },
      { name: `${service}: no login`, server: nobody, lines: [`service=${service}`, 'request="SELECT 1"'], needs },
    ];
  });
}

export function storeQuestions(): Question[] {
  return [...ldap(), ...dns(), ...radius(), ...databases()];
}
