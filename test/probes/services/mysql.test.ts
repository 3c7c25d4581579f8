import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { mariadbMissing, startMariadb } from '../../helpers/servers/mariadbd.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertVerdict } from '../../helpers/verdict.js';

const mysql = (changes: Partial<Check> = {}) =>
  checkOf({ service: 'mysql', request: '/SELECT 1', login: 'monitor', passwd: 'hunter2', ...changes });

async function verdict(check: Check, ok: boolean, reason: string | RegExp): Promise<void> {
  const said = await assertVerdict(check, ok, reason);
  assert.doesNotMatch(said, /hunter2|wrong one/);
}

describe('mysql, mariadb', { skip: mariadbMissing || lacks('openssl') }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startMariadb(testAuthority().issue({ names: ['db.example.com'] }));
  });
  after(() => server?.close());

  const verified = () =>
    tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'db.example.com', mode: 'yes' });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, string | RegExp])[] = [
    ['a row', () => ({}), true, 'response: a row'],
    ['a row of a database', () => ({ database: 'farm', request: '/SELECT * FROM heartbeat' }), true, 'response: a row'],
    ['receive says nothing', () => ({ receive: receive('nothing') }), true, 'response: a row'],
    ['no row', () => ({ request: '/SELECT 1 FROM farm.heartbeat WHERE id = 2' }), false, 'response: no row'],
    ['many rows', () => ({ database: 'farm', request: '/SELECT seq FROM seq_1_to_1000000' }), true, 'response: a row'],
    ['a change', () => ({ request: '/UPDATE farm.heartbeat SET beats = beats + 1' }), true, 'response: a row'],
    ['no change', () => ({ request: '/UPDATE farm.heartbeat SET beats = 0 WHERE id = 2' }), false, 'response: no row'],
    [
      'a mistake in the statement',
      () => ({ request: '/SELEC 1' }),
      false,
      /^query: the server says "You have an error in your SQL syntax.*" \(ER_PARSE_ERROR\)$/,
    ],
    [
      'wrong password',
      () => ({ passwd: 'wrong one' }),
      false,
      /^login: the server says "Access denied for user 'monitor'@.*" \(ER_ACCESS_DENIED_ERROR\)$/,
    ],
    [
      'unknown database',
      () => ({ database: 'nowhere' }),
      false,
      /^login: the server says "Access denied for user .* to database 'nowhere'" \(ER_DBACCESS_DENIED_ERROR\)$/,
    ],
    ['no statement', () => ({ request: '/' }), false, /^request: a database is asked by a user: set login, and/],
    ['no login', () => ({ login: '' }), false, /^request: a database is asked by a user: set login, and/],
    ['a row of more than 1 MiB', () => ({ request: "/SELECT REPEAT('x', 3000000)" }), true, 'response: a row'],
    [
      'a row of more than 1 MiB, in TLS',
      () => ({ request: "/SELECT REPEAT('x', 3000000)", tls: tlsOf() }),
      true,
      'response: a row',
    ],
    ['an ed25519 user', () => ({ login: 'signer' }), true, 'response: a row'],
    ['an ed25519 user in TLS', () => ({ login: 'signer', tls: tlsOf() }), true, 'response: a row'],
    [
      'an ed25519 user, wrong password',
      () => ({ login: 'signer', passwd: 'wrong one' }),
      false,
      /^login: the server says "Access denied for user 'signer'@.*" \(ER_ACCESS_DENIED_ERROR\)$/,
    ],
    ['TLS', () => ({ tls: tlsOf() }), true, 'response: a row'],
    ['TLS, verified', () => ({ tls: verified() }), true, 'response: a row'],
    [
      'TLS, wrong name',
      () => ({ tls: { ...verified(), servername: 'other.example' } }),
      false,
      /^tls: the certificate is for db\.example\.com, not for other\.example/,
    ],
    [
      'TLS, days',
      () => ({ tls: { ...verified(), minDays: 90 } }),
      false,
      /^tls: the certificate is valid for 30 more days/,
    ],
    [
      'TLS is what the server sees',
      () => ({
        tls: tlsOf(),
        request:
          "/SELECT 1 FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER' AND variable_value <> ''",
      }),
      true,
      'response: a row',
    ],
    [
      'too late',
      () => ({ request: '/SELECT SLEEP(60)', negotiateTimeout: brief }),
      false,
      'query: not done within 0.4 s',
    ],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, () => verdict(mysql({ port: server.port, ...changes() }), ok, reason));
  }

  it('says farewell, but where it gives up', () => {
    const aborted = server.log().match(/Aborted connection .* user: 'monitor' .*/g) ?? [];
    // By the statement that never ends, and where more comes than is read.
    assert.ok(aborted.length <= 4, aborted.join('\n'));
  });

  it('a stopped process, within the deadline, and up again when it goes on', async () => {
    server.freeze();
    await verdict(mysql({ port: server.port, negotiateTimeout: brief }), false, 'greeting: not done within 0.4 s');
    server.thaw();
    await verdict(mysql({ port: server.port }), true, 'response: a row');
  });
});

/** A packet of the protocol: length in three bytes, number, payload. */
function packet(number: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = number;
  return Buffer.concat([head, payload]);
}

/** HandshakeV10 with the capabilities that every server has, and mysql_native_password. */
function greetingWith(capabilities: number): Buffer {
  const low = Buffer.from([capabilities & 0xff, capabilities >> 8]);
  return packet(
    0,
    Buffer.concat([
      Buffer.from('\x0a8.0.0\0\x01\0\0\x0012345678\0'),
      low,
      // Character set, status, the rest of the capabilities, and how long the nonce is.
      Buffer.from([0x21, 0x02, 0x00, 0x08, 0x00, 21]),
      Buffer.alloc(10),
      Buffer.from('123456789012\0mysql_native_password\0'),
    ]),
  );
}

const greeting = greetingWith(0xf200);
const greetingWithTls = greetingWith(0xfa00);
const accepted = packet(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]));

describe('mysql, by script', () => {
  const table: readonly (readonly [string, readonly Buffer[], Partial<Check>, string | RegExp])[] = [
    ['no TLS', [greeting], { tls: tlsOf() }, 'tls: the server does not speak TLS'],
    [
      'silent after the agreement to TLS',
      [greetingWithTls, Buffer.alloc(0)],
      { tls: tlsOf(), negotiateTimeout: brief },
      'tls: not done within 0.4 s',
    ],
    [
      'garbage after the agreement to TLS',
      [greetingWithTls, Buffer.from('no TLS')],
      { tls: tlsOf() },
      /^tls: the server does not speak/,
    ],
    [
      'plain text after the agreement to TLS',
      [Buffer.concat([greetingWithTls, accepted])],
      { tls: tlsOf() },
      'tls: the server goes on in plain text',
    ],
    [
      'too many connections',
      [packet(0, Buffer.from('\xff\x10\x04Too many connections', 'latin1'))],
      {},
      'greeting: the server says "Too many connections" (ER_CON_COUNT_ERROR)',
    ],
    [
      'repeats the password',
      [greeting, packet(2, Buffer.from('\xff\x15\x04#28000no hunter2 here', 'latin1'))],
      {},
      'login: the server says "no *** here" (ER_ACCESS_DENIED_ERROR)',
    ],
    [
      'packets out of order',
      [Buffer.concat([greeting, packet(7, Buffer.from([0]))])],
      {},
      /^login: the answer cannot be read$/,
    ],
    ['an empty greeting', [packet(0, Buffer.alloc(0))], {}, /^greeting: the answer cannot be read/],
    ['a greeting cut short', [packet(0, Buffer.from('\x0a8.0'))], {}, /^greeting: the answer cannot be read/],
    [
      'an unknown way to log in',
      [greeting, packet(2, Buffer.from('\xfenever_heard_of\0x\0', 'latin1'))],
      {},
      /^login: .*never_heard_of.*\(AUTH_SWITCH_PLUGIN_ERROR\)$/,
    ],
    [
      'wants a file',
      [greeting, accepted, packet(1, Buffer.from('\xfb/etc/passwd', 'latin1'))],
      {},
      /^query: (?!.*root:)/,
    ],
    [
      'an answer of too many columns',
      [greeting, accepted, packet(1, Buffer.from('feffffffffffffff7f', 'hex'))],
      { negotiateTimeout: brief },
      'query: not done within 0.4 s',
    ],
  ];
  for (const [name, pieces, changes, reason] of table) {
    it(name, async () => {
      const sent: Buffer[] = [];
      const server = await listen((socket) => {
        const [first, ...rest] = pieces;
        socket.write(first ?? '');
        socket.on('data', (data) => {
          sent.push(data);
          const next = rest.shift();
          if (next === undefined) setTimeout(() => socket.destroy(), 50);
          else socket.write(next);
        });
      });
      try {
        await verdict(mysql({ port: server.port, ...changes }), false, reason);
        assert.doesNotMatch(Buffer.concat(sent).toString('latin1'), /root:|hunter2/);
      } finally {
        await server.close();
      }
    });
  }
});

badServerCases('mysql', mysql(), {
  first: greeting,
  greeting: 'greeting',
  next: 'login',
  reasons: {
    'silent instead of TLS': /^greeting: not done within/,
    'garbage instead of TLS': /^greeting: /,
    'closes instead of TLS': /^greeting: closed by the server$/,
  },
});
