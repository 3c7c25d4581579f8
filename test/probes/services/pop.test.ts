import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { lacks } from '../../helpers/programs.js';
import { type Dovecot, dovecotMissing, startDovecot } from '../../helpers/servers/dovecot.js';
import { scripted } from '../../helpers/servers/scripted.js';
import { assertStops } from '../../helpers/verdict.js';

const pop = (changes: Partial<Check> = {}) => checkOf({ service: 'pop', ...changes });
const user = { user: 'monitor', password: 'hu"nt\\er 2é' };
const right = { login: user.user, passwd: user.password };
const names = { names: ['mail.example.com'] };

describe('pop and pops, dovecot', { skip: dovecotMissing || lacks('openssl') }, () => {
  let server: Dovecot;
  before(async () => {
    server = await startDovecot({ protocol: 'pop3', certificate: testAuthority().issue(names), login: user });
  });
  after(() => server.close());

  const starttls = tlsOf({ mode: 'starttls' });
  const verified = () =>
    tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'mail.example.com', minDays: 20 });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => ({}), true, /^response: \+OK/],
    ['receive says nothing', () => ({ receive: receive('^x') }), true, /^response: \+OK/],
    ['right password', () => right, true, /^response: \+OK Logged in/],
    [
      'wrong password',
      () => ({ ...right, passwd: 'wrong' }),
      false,
      /^login: the server says "-ERR \[AUTH\] .*failed\.?"$/,
    ],
    ['STARTTLS', () => ({ tls: starttls }), true, /^response: \+OK/],
    ['login under STARTTLS', () => ({ tls: starttls, ...right }), true, /Logged in/],
    ['STARTTLS, verified', () => ({ tls: { ...verified(), mode: 'starttls' } }), true, /^response: \+OK/],
    ['pops', () => ({ service: 'pops', tls: verified(), port: server.securePort, ...right }), true, /Logged in/],
    [
      'a certificate for another name',
      () => ({ service: 'pops', tls: { ...verified(), servername: 'other.example' }, port: server.securePort }),
      false,
      /^tls: the certificate is for mail.example.com, not for other\.example/,
    ],
    [
      'an unknown authority',
      () => ({ tls: tlsOf({ mode: 'starttls', verify: true, servername: 'mail.example.com' }) }),
      false,
      /^tls: the certificate is from an unknown authority /,
    ],
    [
      'a certificate that ends too soon',
      () => ({ service: 'pops', tls: tlsOf({ minDays: 60 }), port: server.securePort }),
      false,
      /^tls: the certificate is valid for 30 more days, .*; 60 days are asked for$/,
    ],
    [
      'TLS where there is none',
      () => ({ service: 'pops', tls: tlsOf() }),
      false,
      /^tls: the server does not speak TLS \(/,
    ],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(pop({ port: server.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason, server.log());
      assert.equal(result.ok, ok);
      assert.ok(!result.reason.includes(user.password));
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, pop({ port: server.port }), 'greeting: not done within 0.4 s'));
});

describe('pop, by script', () => {
  const plain = { login: 'monitor', passwd: 'hunter2' };

  it('takes a list of capabilities in pieces', async () => {
    const server = await scripted(['+OK', ' hi\r\n'], [[/^CAPA\r\nQUIT\r\n$/, ['+OK list\r\nUIDL\r', '\n', '.\r\n']]]);
    await server.check(pop(), true, 'response: +OK list');
  });

  it('is up where the question for capabilities is passed over', async () => {
    const server = await scripted('+OK hi\r\n', [[/\r\nQUIT\r\n$/, '+OK bye\r\n']]);
    await server.check(pop(), true, 'response: +OK bye');
  });

  it('is up where the question for capabilities is taken, without a list', async () => {
    const server = await scripted('+OK hi\r\n', [[/^CAPA\r\n/, '+OK\r\n']]);
    await server.check(pop(), true, 'response: +OK');
  });

  it('is down where the answer is none', async () => {
    const server = await scripted('+OK hi\r\n', [[/^CAPA\r\n/, 'what?\r\n']]);
    await server.check(pop(), false, 'query: the server says "what?"');
  });

  it('is up without capabilities', async () => {
    const server = await scripted('+OK hi\r\n', [[/^CAPA/, '-ERR what\r\n']]);
    await server.check(pop(), true, 'response: -ERR what');
  });

  it('names what the server says, but no password', async () => {
    const server = await scripted('+OK hi\r\n', [
      [/^USER monitor\r\n$/, '+OK\r\n'],
      [/^PASS hunter2\r\n$/, '-ERR not hunter2\r\n'],
    ]);
    await server.check(pop(plain), false, 'login: the server says "-ERR not ***"');
  });

  it('sends no line end from a setting', async () => {
    const server = await scripted('+OK hi\r\n', [[/^never/, '']]);
    await server.check(pop({ ...plain, login: 'a\nb' }), false, 'login: a setting of the check holds a line end');
  });

  it('refuses what is said in plain text after the agreement to TLS', async () => {
    const server = await scripted('+OK hi\r\n', [[/^STLS\r\n$/, '+OK go\r\n+OK injected\r\n']]);
    await server.check(pop({ tls: tlsOf({ mode: 'starttls' }) }), false, 'starttls: the server goes on in plain text');
  });

  it('names the greeting that turns it away', async () => {
    const server = await scripted('-ERR too busy\r\n', []);
    await server.check(pop(), false, 'greeting: the server says "-ERR too busy"');
  });
});

badServerCases('pop', pop(), { first: '+OK hi\r\n', greeting: 'greeting', next: 'query' });
