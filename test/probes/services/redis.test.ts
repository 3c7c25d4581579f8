import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { redisWords } from '../../../src/probes/wire/redis-words.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { type Redis, redisMissing, startRedis } from '../../helpers/servers/redis.js';
import { scripted } from '../../helpers/servers/scripted.js';
import { assertStops, assertVerdict } from '../../helpers/verdict.js';

const redis = (changes: Partial<Check> = {}) => checkOf({ service: 'redis', ...changes });
const names = { names: ['cache.example.com'] };

describe('redis', { skip: redisMissing || lacks('openssl') }, () => {
  let open: Redis;
  let closed: Redis;
  before(async () => {
    const certificate = testAuthority().issue(names);
    open = await startRedis({ certificate });
    const settings = ['user monitor on >s3same +ping +info'];
    closed = await startRedis({ certificate, password: 'hunter2 é', settings });
  });
  after(async () => {
    await open.close();
    await closed.close();
  });

  const right = () => ({ port: closed.port, passwd: 'hunter2 é' });
  const user = () => ({ port: closed.port, login: 'monitor', passwd: 's3same' });
  const verified = (servername: string) => ({
    port: open.securePort,
    tls: tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername }),
  });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => ({}), true, /^response: PONG$/],
    ['the answer to PING', () => ({ receive: receive('^PONG$') }), true, /^response: PONG$/],
    [
      'a command',
      () => ({ request: '/INFO replication', receive: receive('role:master') }),
      true,
      /^response: # Replication role:master /,
    ],
    [
      'wrong answer',
      () => ({ request: '/INFO replication', receive: receive('role:slave') }),
      false,
      /^response: no match for "role:slave" in "# Replication role:master /,
    ],
    ['a list', () => ({ request: '/CONFIG GET save*', receive: receive('^save\n') }), true, /^response: save/],
    [
      'words in quotes',
      () => ({ request: '/ECHO "a\\x41 \\"b"', receive: receive('^aA "b$') }),
      true,
      /^response: aA "b$/,
    ],
    ['nothing there', () => ({ request: '/GET x', receive: receive('^$') }), true, /^response: $/],
    ['no such command', () => ({ request: '/NONSENSE' }), false, /^query: the server says "ERR unknown command /],
    ['right password', right, true, /^response: PONG$/],
    ['a user', user, true, /^response: PONG$/],
    ['what the user may not', () => ({ ...user(), request: '/GET x' }), false, /^query: the server says "NOPERM /],
    [
      'wrong password',
      () => ({ ...right(), passwd: 'wrong' }),
      false,
      /^login: the server says "WRONGPASS invalid username-password pair/,
    ],
    [
      'no password',
      () => ({ port: closed.port }),
      false,
      /^query: the server says "NOAUTH Authentication required\."$/,
    ],
    ['TLS', () => verified('cache.example.com'), true, /^response: PONG$/],
    [
      'wrong certificate',
      () => verified('other.example'),
      false,
      /^tls: the certificate is for cache.example.com, not /,
    ],
    ['TLS where there is none', () => ({ tls: tlsOf(), negotiateTimeout: brief }), false, /^tls: /],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(redis({ port: open.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
    });
  }

  it('takes a line for the words that the server itself takes it for', async () => {
    const texts = [
      `a`,
      `a"b c"'d e'`,
      `"\\x00\\xfF\\xg\\n\\r\\t\\b\\a\\\\\\q\\""`,
      `'a\\'b\\n"'`,
      `'a\\'`,
      `'\\\\'`,
      `""`,
      `''`,
      `"é"`,
    ];
    for (const text of [...texts, `a\\nb`, `"a`, `'a`, `"a"b`, `'a'b`, `a"b`, `"a\\"`, `\ta  `, `a"b"c`, `"\\X41"`]) {
      const inline = await echoed(open.port, Buffer.from(`ECHO ${text}\r\n`));
      const words = redisWords(`ECHO ${text}`);
      const found = words === null ? null : words.slice(1);
      assert.deepEqual(found, inline === null ? null : [inline], text);
    }
  });

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(open, redis({ port: open.port }), 'query: not done within 0.4 s'));
});

/** What the server says to a line of words; null where it cannot read them. */
async function echoed(port: number, line: Buffer): Promise<Buffer | null> {
  const socket = connect(port, '127.0.0.1');
  socket.end(line);
  const reply = await buffer(socket);
  if (/^-ERR Protocol error: unbalanced quotes/.test(reply.toString())) return null;
  const [, size] = /^\$(\d+)\r\n/.exec(reply.toString('latin1')) ?? assert.fail(reply.toString());
  const start = `$${size}\r\n`.length;
  return reply.subarray(start, start + Number(size));
}

describe('redis, by script', () => {
  const pong: [RegExp, string] = [/^\*1\r\n\$4\r\nPING\r\n$/, '+PONG\r\n'];

  it('reads replies within replies, in pieces', async () => {
    const server = await scripted('', [
      pong,
      [/^\*1\r\n\$1\r\nX\r\n$/, ['*4\r\n*2\r\n$3\r\na', '\r\n\r\n:7', '\r\n$-1\r\n-odd\r\n+e', 'nd\r\n']],
    ]);
    const check = redis({ request: '/X', receive: receive('^a\r\n\n7\n\nodd\nend$') });
    await server.check(check, true, 'response: a 7 odd end');
  });

  const lies: readonly (readonly [string, string])[] = [
    ['*1000000\r\n', 'query: a reply of more than 10000 parts'],
    ['$900000000\r\n', 'query: 900000002 bytes are announced'],
    ['$-7\r\n', 'query: the server says "$-7"'],
    ['*1\r\n'.repeat(10_001), 'query: not done within 0.4 s'],
    ['HTTP/1.1 400 Bad Request\r\n', 'query: the server says "HTTP/1.1 400 Bad Request"'],
    [
      '-LOADING Redis is loading the dataset in memory\r\n',
      'query: the server says "LOADING Redis is loading the dataset in memory"',
    ],
  ];
  for (const [lie, reason] of lies) {
    it(`${JSON.stringify(lie.slice(0, 12))} is ${reason}`, async () => {
      const server = await scripted('', [[pong[0], lie]]);
      await server.check(redis({ negotiateTimeout: brief }), false, reason);
    });
  }

  it('a proxy that knows arrays alone', async (t) => {
    const server = await listen((socket) => {
      socket.on('data', (data) => {
        if (data.toString() === '*1\r\n$4\r\nPING\r\n') socket.write('+PONG\r\n');
        else if (data.toString() === '*2\r\n$3\r\nGET\r\n$3\r\na b\r\n') socket.write('$2\r\nhi\r\n');
        else socket.end();
      });
    });
    t.after(() => server.close());
    const check = redis({ port: server.port });
    await assertVerdict(check, true, 'response: PONG');
    await assertVerdict({ ...check, request: "/GET 'a b'", receive: receive('^hi$') }, true, 'response: hi');
  });

  it('sends nothing of a request whose quotes do not pair', async () => {
    const server = await scripted('', [[/^never/, '']]);
    const reason = 'request: quotes that do not pair, or that end within a word';
    await server.check(redis({ request: '/GET "a' }), false, reason);
  });

  it('names what the server says, but no password', async () => {
    const server = await scripted('', [[/^\*2\r\n\$4\r\nAUTH\r\n\$9\r\nhunter2é\r\n$/, '-ERR not hunter2é\r\n']]);
    await server.check(redis({ passwd: 'hunter2é' }), false, 'login: the server says "ERR not ***"');
  });
});

badServerCases('redis', redis(), { first: '', greeting: 'query', next: 'query' });
