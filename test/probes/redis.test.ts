import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { badServerCases } from '../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../helpers/check.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { lacks } from '../helpers/programs.js';
import { type Redis, redisMissing, startRedis } from '../helpers/servers/redis.js';
import { scripted } from '../helpers/servers/scripted.js';
import { assertStops } from '../helpers/verdict.js';

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

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(open, redis({ port: open.port }), 'query: not done within 0.4 s'));
});

describe('redis, by script', () => {
  const pong: [RegExp, string] = [/^PING\r\n$/, '+PONG\r\n'];

  it('reads replies within replies, in pieces', async () => {
    const server = await scripted('', [
      pong,
      [/^X\r\n$/, ['*4\r\n*2\r\n$3\r\na', '\r\n\r\n:7', '\r\n$-1\r\n-odd\r\n+e', 'nd\r\n']],
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
      const server = await scripted('', [[/^PING/, lie]]);
      await server.check(redis({ negotiateTimeout: brief }), false, reason);
    });
  }

  it('names what the server says, but no password', async () => {
    const server = await scripted('', [[/^\*2\r\n\$4\r\nAUTH\r\n\$9\r\nhunter2é\r\n$/, '-ERR not hunter2é\r\n']]);
    await server.check(redis({ passwd: 'hunter2é' }), false, 'login: the server says "ERR not ***"');
  });
});

badServerCases('redis', redis(), { first: '', greeting: 'query', next: 'query' });
