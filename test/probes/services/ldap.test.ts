import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { type Behaviour, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { directoryUser, slapdMissing, startSlapd } from '../../helpers/servers/slapd.js';
import { assertVerdict } from '../../helpers/verdict.js';

const ldap = (changes: Partial<Check> = {}) => checkOf({ service: 'ldap', ...changes });
const top = { request: '/dc=example,dc=com' };
const secret = { request: '/ou=secret,dc=example,dc=com' };
const certificate = () => testAuthority().issue({ names: ['ldap.example.com'] });
const skip = slapdMissing || lacks('openssl');

type Row = readonly [string, Partial<Check>, boolean, string | RegExp];

async function verdicts(server: ServerProgram, rows: readonly Row[]): Promise<void> {
  for (const [name, changes, ok, reason] of rows) {
    const said = await assertVerdict(ldap({ port: server.port, ...changes }), ok, reason, name);
    assert.doesNotMatch(said, /hunter2|wrong one/);
  }
}

describe('ldap, slapd', { skip }, () => {
  it('by request, receive and login', async () => {
    const server = await startSlapd({ certificate: certificate() });
    try {
      await verdicts(server, [
        ['the root entry', {}, true, 'response: the root entry'],
        ['an entry', top, true, 'response: entry "dc=example,dc=com"'],
        ['its name', { ...top, receive: receive('^dc=example,') }, true, 'response: entry "dc=example,dc=com" matches'],
        ['a value', { ...top, receive: receive('^Example$') }, true, /matches$/],
        [
          'no match',
          { ...top, receive: receive('nothing') },
          false,
          'response: no match for "nothing" in entry "dc=example,dc=com"',
        ],
        ['no entry', { request: '/dc=example,dc=net' }, false, 'query: no such object (32)'],
        ['no name', { request: '/nonsense' }, false, 'query: invalid DN syntax (34): the server says "invalid DN"'],
        ['logged in', { ...secret, ...directoryUser, receive: receive('^second$') }, true, /^response: .*matches$/],
        ['not logged in', secret, false, 'query: no such object (32)'],
        ['a name alone is nobody', { ...secret, login: directoryUser.login }, false, 'query: no such object (32)'],
        ['wrong password', { ...top, ...directoryUser, passwd: 'wrong one' }, false, 'login: invalid credentials (49)'],
        ['TLS from the first byte', { tls: tlsOf() }, false, /^tls: /],
      ]);
      const ca = pemOf(testAuthority().cert);
      const tls = tlsOf({ mode: 'starttls', verify: true, ca, servername: 'ldap.example.com' });
      await verdicts(server, [
        ['STARTTLS', { ...secret, ...directoryUser, tls }, true, /^response: entry/],
        [
          'wrong name',
          { tls: { ...tls, servername: 'other.example' } },
          false,
          /^tls: .* for ldap\.example\.com, not for/,
        ],
        ['unknown authority', { tls: { ...tls, ca: pemOf(certificate().cert) } }, false, /^tls: .*unknown authority/],
      ]);
      server.freeze();
      const stopped = 'login: not done within 0.4 s';
      await verdicts(server, [['stopped', { negotiateTimeout: brief }, false, stopped]]);
      server.thaw();
      await verdicts(server, [['going on', {}, true, 'response: the root entry']]);
    } finally {
      await server.close();
    }
  });

  it('ldaps', async () => {
    const server = await startSlapd({ certificate: certificate(), wrapped: true });
    try {
      const ca = pemOf(testAuthority().cert);
      const tls = tlsOf({ verify: true, ca, servername: 'ldap.example.com' });
      await verdicts(server, [
        ['up', { service: 'ldaps', tls: tlsOf() }, true, 'response: the root entry'],
        ['verified', { service: 'ldaps', tls, ...top }, true, /^response: entry/],
        [
          'wrong name',
          { service: 'ldaps', tls: { ...tls, servername: 'other.example' } },
          false,
          /^tls: the certificate/,
        ],
        [
          'days',
          { service: 'ldaps', tls: { ...tls, minDays: 90 } },
          false,
          /^tls: the certificate is valid for 30 more/,
        ],
      ]);
    } finally {
      await server.close();
    }
  });

  it('no STARTTLS without a certificate', async () => {
    const server = await startSlapd();
    try {
      const tls = tlsOf({ mode: 'starttls' });
      await verdicts(server, [
        ['no TLS', { tls }, false, /^starttls: (unavailable|protocol error|operations error) \(/],
      ]);
    } finally {
      await server.close();
    }
  });
});

/** A message as in RFC 4511, section 4.1.1. */
function message(id: number, operation: number, ...parts: readonly Buffer[]): Buffer {
  return ber(0x30, ber(0x02, Buffer.from([id])), ber(operation, ...parts));
}

function ber(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body]);
}

const text = (said: string) => ber(0x04, Buffer.from(said));
const result = (code: number, said = '') => [ber(0x0a, Buffer.from([code])), text(''), text(said)];
const bound = message(2, 0x61, ...result(0));
const root = message(3, 0x64, text(''), ber(0x30));
const done = message(3, 0x65, ...result(0));

/** Sends one piece for each message of the client. */
function says(...pieces: readonly Buffer[]): Behaviour {
  return (socket) => {
    const rest = [...pieces];
    socket.on('data', () => socket.write(rest.shift() ?? ''));
  };
}

describe('ldap, by script', () => {
  const right = { login: 'cn=x', passwd: 'hunter2' };
  const starttls = { tls: tlsOf({ mode: 'starttls' }) };
  const table: readonly (readonly [string, readonly Buffer[], Partial<Check>, boolean, string])[] = [
    ['up', [bound, Buffer.concat([root, done])], {}, true, 'response: the root entry'],
    ['no entry', [bound, done], {}, false, 'response: no entry'],
    [
      'a referral before the entry',
      [bound, Buffer.concat([message(3, 0x73, text('ldap://x/')), root, done])],
      {},
      true,
      'response: the root entry',
    ],
    [
      'an answer to another question',
      [message(9, 0x61, ...result(0))],
      {},
      false,
      'login: an answer to what was not asked',
    ],
    [
      'the end of a search in place of a login',
      [message(2, 0x65, ...result(0))],
      {},
      false,
      'login: an answer to what was not asked',
    ],
    [
      'a notice that it hangs up',
      [bound, message(0, 0x78, ...result(52, 'going down'))],
      {},
      false,
      'query: unavailable (52): the server says "going down"',
    ],
    [
      'repeats the password',
      [message(2, 0x61, ...result(49, `${'x'.repeat(195)}hunter2 is wrong`))],
      right,
      false,
      `login: invalid credentials (49): the server says "${'x'.repeat(195)}*** i…"`,
    ],
    [
      'no TLS',
      [message(1, 0x78, ...result(2, 'no'))],
      starttls,
      false,
      'starttls: protocol error (2): the server says "no"',
    ],
    [
      'plain text after the agreement to TLS',
      [Buffer.concat([message(1, 0x78, ...result(0)), bound])],
      starttls,
      false,
      'starttls: the server goes on in plain text',
    ],
    [
      'an answer of four gigabytes',
      [Buffer.from('3084ffffffff', 'hex')],
      {},
      false,
      'login: 4294967295 bytes are announced',
    ],
    ['no end to the length', [Buffer.from('3080', 'hex')], {}, false, 'login: not LDAP'],
    // Parts that claim to be longer than the message that they are in.
    [
      'cut entry',
      [bound, Buffer.from('300e0201036409040030053003040161', 'hex')],
      {},
      false,
      'query: the answer cannot be read',
    ],
  ];
  for (const [name, pieces, changes, ok, reason] of table) {
    it(name, async () => {
      const server = await listen(says(...pieces));
      try {
        const found = await withoutLeaks(() => runProbe(ldap({ port: server.port, ...changes }), 'negotiate'));
        assert.deepEqual([found.ok, found.reason], [ok, reason]);
      } finally {
        await server.close();
      }
    });
  }

  it('survives whatever a server makes of its answers', async () => {
    const sound = Buffer.concat([bound, root, done]);
    const damage = fc.tuple(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length));
    await fc.assert(
      fc.asyncProperty(damage, async ([at, byte, length]) => {
        const bytes = Buffer.from(sound);
        bytes[at] = byte;
        const server = await listen((socket) => socket.end(bytes.subarray(0, length)));
        try {
          const found = await runProbe(ldap({ port: server.port }), 'negotiate');
          assert.match(found.reason, /^(login|query|response): /);
        } finally {
          await server.close();
        }
      }),
      { numRuns: 100 },
    );
  });
});

badServerCases('ldap', ldap(), { first: bound, greeting: 'login', next: 'query' });
