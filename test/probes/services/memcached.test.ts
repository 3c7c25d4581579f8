import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { lacks } from '../../helpers/programs.js';
import { memcachedMissing, startMemcached } from '../../helpers/servers/memcached.js';
import { scripted } from '../../helpers/servers/scripted.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertStops, assertVerdict } from '../../helpers/verdict.js';

const memcached = (changes: Partial<Check> = {}) => checkOf({ service: 'memcached', ...changes });
const user = { user: 'monitor', password: 'hunter2' };

describe('memcached', { skip: memcachedMissing || lacks('openssl') }, () => {
  let open: ServerProgram;
  let closed: ServerProgram;
  let secure: ServerProgram;
  before(async () => {
    open = await startMemcached();
    closed = await startMemcached({ login: user });
    secure = await startMemcached({ certificate: testAuthority().issue({ names: ['cache.example.com'] }) });
  });
  after(async () => {
    for (const server of [open, closed, secure]) await server.close();
  });

  const right = () => ({ port: closed.port, login: user.user, passwd: user.password });
  const verified = (servername: string) => ({
    port: secure.port,
    tls: tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername }),
  });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => ({}), true, /^response: VERSION \d/],
    [
      'a list',
      () => ({ request: '/stats', receive: receive('STAT max_connections \\d+') }),
      true,
      /^response: STAT pid /,
    ],
    [
      'nothing there',
      () => ({ request: '/get x', receive: receive('^END$') }),
      false,
      /no match for "\^END\$" in "END"$/,
    ],
    ['nothing there, matched', () => ({ request: '/get x', receive: receive('^END\\s') }), true, /^response: END$/],
    [
      'wrong answer',
      () => ({ receive: receive('VERSION 0') }),
      false,
      /^response: no match for "VERSION 0" in "VERSION \d.*"$/,
    ],
    ['no such command', () => ({ request: '/nonsense' }), false, /^query: the server says "ERROR"$/],
    ['right password', right, true, /^response: VERSION \d/],
    [
      'wrong password',
      () => ({ ...right(), passwd: 'wrong' }),
      false,
      /^login: the server says "CLIENT_ERROR authentication failure"$/,
    ],
    ['no password', () => ({ port: closed.port }), false, /^query: the server says "CLIENT_ERROR unauthenticated"$/],
    ['TLS', () => verified('cache.example.com'), true, /^response: VERSION \d/],
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
      const result = await withoutLeaks(() => runProbe(memcached({ port: open.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
    });
  }

  it('one that speaks no text says nothing', async (t) => {
    const binary = await startMemcached({ settings: ['-B', 'binary'] });
    t.after(() => binary.close());
    await assertVerdict(
      memcached({ port: binary.port, negotiateTimeout: brief }),
      false,
      'query: not done within 0.4 s',
    );
  });

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(open, memcached({ port: open.port }), 'query: not done within 0.4 s'));
});

describe('memcached, by script', () => {
  const version: [RegExp, string] = [/^version\r\n$/, 'VERSION 1\r\n'];

  it('takes a value for what it is, in pieces', async () => {
    const server = await scripted('', [version, [/^get x\r\n$/, ['VALUE x 0 9\r\na\r', '\nEND\r\nb', '\r\nEND\r\n']]]);
    const check = memcached({ request: '/get x', receive: receive('\nb\\s+END') });
    await server.check(check, true, 'response: VALUE x 0 9 a END b END');
  });

  it('sends no second line', async () => {
    const server = await scripted('', [version]);
    await server.check(
      memcached({ request: '/get x\r\nflush_all' }),
      false,
      'query: a setting of the check holds a line end',
    );
  });

  it('believes no length', async () => {
    const server = await scripted('', [version, [/^get x/, 'VALUE x 0 99999999\r\n']]);
    await server.check(memcached({ request: '/get x' }), false, 'query: 100000001 bytes are announced');
  });

  it('names what the server says, but no password', async () => {
    const server = await scripted('', [[/^set login 0 0 15\r\nmonitor hunter2\r\n$/, 'CLIENT_ERROR not hunter2\r\n']]);
    const check = memcached({ login: 'monitor', passwd: 'hunter2' });
    await server.check(check, false, 'login: the server says "CLIENT_ERROR not ***"');
  });
});

badServerCases('memcached', memcached(), { first: '', greeting: 'query', next: 'query' });
