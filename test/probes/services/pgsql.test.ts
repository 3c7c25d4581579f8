import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { postgresMissing, startPostgres } from '../../helpers/servers/postgres.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertVerdict } from '../../helpers/verdict.js';

const pgsql = (changes: Partial<Check> = {}) =>
  checkOf({
    service: 'pgsql',
    request: '/SELECT 1',
    login: 'monitor',
    passwd: 'hunter2',
    database: 'postgres',
    ...changes,
  });

/** Where nothing else is said. */
const preferred = tlsOf({ mode: 'prefer' });

async function verdict(check: Check, ok: boolean, reason: string | RegExp): Promise<void> {
  const said = await assertVerdict(check, ok, reason);
  assert.doesNotMatch(said, /hunter2|wrong one/);
}

describe('pgsql, postgres', { skip: postgresMissing || lacks('openssl') }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startPostgres(testAuthority().issue({ names: ['db.example.com'] }));
  });
  after(() => server?.close());

  const verified = () => tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'db.example.com' });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, string | RegExp])[] = [
    ['a row', () => ({}), true, 'response: a row'],
    ['a password in plain text', () => ({ login: 'plain' }), true, 'response: a row'],
    ['receive says nothing', () => ({ receive: receive('nothing') }), true, 'response: a row'],
    ['no row', () => ({ request: '/SELECT 1 FROM heartbeat WHERE id = 2' }), false, 'response: no row'],
    ['many rows', () => ({ request: '/SELECT generate_series(1, 1000000)' }), true, 'response: a row'],
    ['a change', () => ({ request: '/UPDATE heartbeat SET beats = beats + 1' }), true, 'response: a row'],
    ['no change', () => ({ request: '/UPDATE heartbeat SET beats = 0 WHERE id = 2' }), false, 'response: no row'],
    [
      'a mistake in the statement',
      () => ({ request: '/SELEC 1' }),
      false,
      'query: the server says "syntax error at or near "SELEC"" (42601)',
    ],
    [
      'wrong password',
      () => ({ passwd: 'wrong one' }),
      false,
      'login: the server says "password authentication failed for user "monitor"" (28P01)',
    ],
    ['no password', () => ({ passwd: '' }), false, /^login: .*password/],
    [
      'unknown database',
      () => ({ database: 'nowhere' }),
      false,
      'login: the server says "database "nowhere" does not exist" (3D000)',
    ],
    ['the database of the user', () => ({ database: '' }), false, /"database "monitor" does not exist" \(3D000\)$/],
    ['no statement', () => ({ request: '/' }), false, /^request: a database is asked by a user: set login, and/],
    ['a row of more than 1 MiB', () => ({ request: "/SELECT repeat('x', 3000000)" }), true, 'response: a row'],
    [
      'a row of more than 1 MiB, in TLS',
      () => ({ request: "/SELECT repeat('x', 3000000)", tls: tlsOf() }),
      true,
      'response: a row',
    ],
    [
      'an error of more than 1 MiB',
      () => ({ request: "/SELECT repeat('x', 3000000)::int" }),
      false,
      'query: the server says more than 1048576 bytes',
    ],
    [
      'notices of more than 1 MiB',
      () => ({ request: "/DO $$ BEGIN RAISE NOTICE '%', repeat('x', 3000000); END $$" }),
      false,
      'query: the server says more than 1048576 bytes',
    ],
    ['TLS where it is offered', () => ({ tls: preferred }), true, 'response: a row'],
    [
      'TLS where it is offered is what the server sees',
      () => ({ tls: preferred, request: '/SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl' }),
      true,
      'response: a row',
    ],
    ['TLS where it is wanted', () => ({ tls: preferred, login: 'secured' }), true, 'response: a row'],
    ['TLS where it is wanted, said so', () => ({ tls: tlsOf(), login: 'secured' }), true, 'response: a row'],
    [
      'no TLS where it is wanted',
      () => ({ login: 'secured' }),
      false,
      /^login: the server says "pg_hba\.conf rejects connection .*no encryption" \(28000\)$|^login: the server says "no pg_hba\.conf entry .*no encryption" \(28000\)$/,
    ],
    ['no TLS where it is not wanted', () => ({ tls: preferred, login: 'bare' }), true, 'response: a row'],
    [
      'TLS where it is not wanted',
      () => ({ tls: tlsOf(), login: 'bare' }),
      false,
      /^login: .*SSL encryption" \(28000\)$/,
    ],
    [
      'wrong password where TLS is offered',
      () => ({ tls: preferred, passwd: 'wrong one' }),
      false,
      'login: the server says "password authentication failed for user "monitor"" (28P01)',
    ],
    [
      'wrong password where TLS is wanted',
      () => ({ tls: preferred, login: 'secured', passwd: 'wrong one' }),
      false,
      /^login: the server says ".*no encryption" \(28000\), after an attempt with TLS: the server says "password .* failed .*" \(28P01\)$/,
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
      'TLS is what the server sees',
      () => ({ tls: tlsOf(), request: '/SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl' }),
      true,
      'response: a row',
    ],
    [
      'too late',
      () => ({ request: '/SELECT pg_sleep(60)', negotiateTimeout: brief }),
      false,
      'query: not done within 0.4 s',
    ],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, () => verdict(pgsql({ port: server.port, ...changes() }), ok, reason));
  }

  it('takes nothing from the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { PGPASSWORD: 'hunter2', PGHOST: 'nowhere.invalid', PGSSLMODE: 'require' });
    try {
      await verdict(pgsql({ port: server.port, passwd: '' }), false, /^login: /);
      await verdict(pgsql({ port: server.port }), true, 'response: a row');
    } finally {
      for (const name of ['PGPASSWORD', 'PGHOST', 'PGSSLMODE']) {
        if (before[name] === undefined) delete process.env[name];
      }
    }
  });

  it('says farewell, but where it gives up', () => {
    const lost = server.log().match(/(?:reset by peer|unexpected EOF|broken pipe)/gi) ?? [];
    // Where more comes than is read, and where a certificate is not accepted.
    assert.ok(lost.length <= 12, server.log());
  });

  it('a stopped process, within the deadline, and up again when it goes on', async () => {
    server.freeze();
    await verdict(pgsql({ port: server.port, negotiateTimeout: brief }), false, 'login: not done within 0.4 s');
    server.thaw();
    await verdict(pgsql({ port: server.port }), true, 'response: a row');
  });
});

/** A message of the protocol: type, length with itself, payload. */
function message(type: string, payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length + 4);
  return Buffer.concat([Buffer.from(type), length, payload]);
}

const ok = message('R', Buffer.alloc(4));
const idle = message('Z', Buffer.from('I'));
const refusal = (text: string) => message('E', Buffer.from(`SFATAL\0C28P01\0M${text}\0\0`));

describe('pgsql, by script', () => {
  const tls = { tls: tlsOf() };
  const table: readonly (readonly [string, readonly Buffer[], Partial<Check>, string | RegExp])[] = [
    ['no TLS', [Buffer.from('N')], tls, 'tls: the server does not speak TLS'],
    ['closed after the agreement to TLS', [Buffer.from('S')], tls, /^tls: .*closed by the server/],
    [
      'garbage after the agreement to TLS',
      [Buffer.from('S'), Buffer.from('no TLS')],
      tls,
      /^tls: the server does not speak TLS/,
    ],
    ['an error instead of TLS', [refusal('do this')], tls, 'tls: the server does not speak TLS'],
    [
      'plain text after the agreement to TLS',
      [Buffer.concat([Buffer.from('S'), ok, idle])],
      tls,
      'starttls: the server goes on in plain text',
    ],
    ['repeats the password', [refusal('no hunter2 here')], {}, 'login: the server says "no *** here" (28P01)'],
    ['an unknown message', [message('?', Buffer.alloc(9))], {}, 'login: received invalid response: 3f'],
    [
      'a message that is shorter than it says',
      [Buffer.concat([ok, idle]), message('T', Buffer.from([0xff, 0xff]))],
      {},
      'query: the answer cannot be read',
    ],
    ['a message of no length', [Buffer.from('R\0\0\0\0')], {}, 'login: the answer cannot be read'],
  ];
  for (const [name, pieces, changes, reason] of table) {
    it(name, async () => {
      const server = await listen((socket) => {
        const rest = [...pieces];
        socket.on('data', () => {
          const next = rest.shift();
          if (next !== undefined) socket.write(next);
          if (rest.length === 0) setTimeout(() => socket.destroy(), 50);
        });
      });
      try {
        await verdict(pgsql({ port: server.port, ...changes }), false, reason);
      } finally {
        await server.close();
      }
    });
  }

  const row = Buffer.concat([
    message('D', Buffer.from('\0\x01\0\0\0\x011')),
    message('C', Buffer.from('SELECT 1\0')),
    idle,
  ]);
  const columns = message('T', Buffer.concat([Buffer.from('\0\x01a\0'), Buffer.alloc(18)]));
  const answers = Buffer.concat([columns, row]);
  const offered: readonly (readonly [string, readonly (readonly Buffer[])[]])[] = [
    ['does not', [[Buffer.from('N'), Buffer.concat([ok, idle]), answers]]],
    ['closes', [[], [Buffer.concat([ok, idle]), answers]]],
    ['sends an error', [[refusal('what is this')], [Buffer.concat([ok, idle]), answers]]],
    [
      'agrees, and does not',
      [
        [Buffer.from('S'), Buffer.from('no TLS')],
        [Buffer.concat([ok, idle]), answers],
      ],
    ],
  ];
  for (const [name, connections] of offered) {
    it(`asked for TLS, the server ${name}: it is gone on with without`, async () => {
      const rest = connections.map((pieces) => [...pieces]);
      const server = await listen((socket) => {
        const pieces = rest.shift() ?? [];
        if (pieces.length === 0) socket.end();
        socket.on('data', () => {
          const next = pieces.shift();
          if (next !== undefined) socket.write(next);
        });
      });
      try {
        await verdict(pgsql({ port: server.port, tls: preferred }), true, 'response: a row');
        assert.equal(server.accepted(), connections.length);
      } finally {
        await server.close();
      }
    });
  }

  it('does not compute for ever to log in', async () => {
    const server = await listen((socket) => {
      socket.once('data', () => {
        socket.write(message('R', Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0')));
        socket.once('data', (data) => {
          const nonce = /r=([^,]+)/.exec(data.toString('latin1'))?.[1];
          socket.write(message('R', Buffer.from(`\0\0\0\x0br=${nonce}x,s=AAAA,i=2000000000`)));
        });
      });
    });
    try {
      await verdict(pgsql({ port: server.port }), false, /^login: .*iteration/);
    } finally {
      await server.close();
    }
  });
});

badServerCases('pgsql, TLS where it is offered', pgsql({ tls: preferred }), {
  first: Buffer.from('N'),
  greeting: 'starttls',
  next: 'login',
  // Without TLS, in the end.
  reasons: {
    'resets at once': /^(connect|login): (reset|closed)/,
    'closes at once': /^login: closed by the server$/,
    garbage: /^login: closed by the server, after an attempt with TLS: the server does not speak TLS$/,
    'floods without a line end':
      /^login: the server says more than 1048576 bytes, after an attempt with TLS: the server does not speak TLS$/,
  },
  without: ['silent instead of TLS', 'garbage instead of TLS', 'closes instead of TLS'],
});

badServerCases('pgsql', pgsql(), {
  first: Buffer.concat([ok, idle]),
  greeting: 'login',
  next: 'query',
  reasons: {
    'silent instead of TLS': /^starttls: not done within/,
    'garbage instead of TLS': /^tls: the server does not speak TLS$/,
    'closes instead of TLS': /^starttls: closed by the server$/,
  },
});
