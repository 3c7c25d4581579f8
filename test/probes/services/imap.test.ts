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

const imap = (changes: Partial<Check> = {}) => checkOf({ service: 'imap', ...changes });
const user = { user: 'monitor', password: 'hu"nt\\er 2é' };
const right = { login: user.user, passwd: user.password };
const names = { names: ['mail.example.com'] };

describe('imap and imaps, dovecot', { skip: dovecotMissing || lacks('openssl') }, () => {
  let server: Dovecot;
  before(async () => {
    server = await startDovecot({ protocol: 'imap', certificate: testAuthority().issue(names), login: user });
  });
  after(() => server.close());

  const starttls = tlsOf({ mode: 'starttls' });
  const verified = () =>
    tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'mail.example.com', minDays: 20 });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => ({}), true, /^response: b OK /],
    ['receive says nothing', () => ({ receive: receive('^x') }), true, /^response: b OK /],
    ['right password', () => right, true, /^response: b OK Logged in$/],
    [
      'wrong password',
      () => ({ ...right, passwd: 'wrong' }),
      false,
      /^login: the server says "b NO \[AUTH.*failed\.?"$/,
    ],
    ['STARTTLS', () => ({ tls: starttls }), true, /^response: b OK /],
    ['login under STARTTLS', () => ({ tls: starttls, ...right }), true, /Logged in$/],
    ['STARTTLS, verified', () => ({ tls: { ...verified(), mode: 'starttls' } }), true, /^response: b OK /],
    ['imaps', () => ({ service: 'imaps', tls: verified(), port: server.securePort, ...right }), true, /Logged in$/],
    [
      'a certificate for another name',
      () => ({ service: 'imaps', tls: { ...verified(), servername: 'other.example' }, port: server.securePort }),
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
      () => ({ service: 'imaps', tls: tlsOf({ minDays: 60 }), port: server.securePort }),
      false,
      /^tls: the certificate is valid for 30 more days, .*; 60 days are asked for$/,
    ],
    [
      'TLS where there is none',
      () => ({ service: 'imaps', tls: tlsOf() }),
      false,
      /^tls: the server does not speak TLS \(/,
    ],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(imap({ port: server.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason, server.log());
      assert.equal(result.ok, ok);
      assert.ok(!result.reason.includes(user.password));
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, imap({ port: server.port }), 'greeting: not done within 0.4 s'));
});

describe('imap, by script', () => {
  const plain = { login: 'monitor', passwd: 'hunter2' };

  it('takes what is said beside the reply, in pieces', async () => {
    const server = await scripted(
      ['* OK', ' hi\r\n'],
      [[/^b CAPABILITY\r\n$/, ['* CAPABILITY X\r', '\nb O', 'K done\r\n']]],
    );
    await server.check(imap(), true, 'response: b OK done');
  });

  it('takes what is said in a literal for nothing else', async () => {
    const literal = '* ID ("name" {19}\r\nb NO not this one\r\n "x" {0}\r\n {4}\r\n\r\nb )\r\n';
    const server = await scripted('* OK hi\r\n', [[/^b CAPABILITY\r\n$/, [literal, 'b OK done {5}\r\n']]]);
    await server.check(imap(), true, 'response: b OK done {5}');
  });

  it('takes words of a status for no literal', async () => {
    const server = await scripted('* OK hi {9}\r\n', [[/^b CAPABILITY\r\n$/, '* OK well {9}\r\nb OK done\r\n']]);
    await server.check(imap(), true, 'response: b OK done');
  });

  it('believes no length of a literal', async () => {
    const server = await scripted('* OK hi\r\n', [[/^b CAPABILITY\r\n$/, '* ID {99999999}\r\n']]);
    await server.check(imap(), false, 'query: 99999999 bytes are announced');
  });

  it('does not log in where the server knows already who asks', async () => {
    const server = await scripted('* PREAUTH hi\r\n', [[/^b CAPABILITY\r\n$/, '* CAPABILITY X\r\nb OK done\r\n']]);
    await server.check(imap(plain), true, 'response: b OK done');
  });

  it('names what the server says, but no password, quoted or not', async () => {
    const passwd = 'a"b';
    for (const echo of ['a"b', 'a\\"b']) {
      const server = await scripted('* OK hi\r\n', [[/^b LOGIN "monitor" "a\\"b"\r\n$/, `b NO not ${echo}\r\n`]]);
      await server.check(imap({ ...plain, passwd }), false, 'login: the server says "b NO not ***"');
    }
  });

  it('sends no line end from a setting', async () => {
    const server = await scripted('* OK hi\r\n', [[/^never/, '']]);
    await server.check(imap({ ...plain, passwd: 'a\r\nb' }), false, 'login: a setting of the check holds a line end');
  });

  it('refuses what is said in plain text after the agreement to TLS', async () => {
    const server = await scripted('* OK hi\r\n', [[/^a STARTTLS\r\n$/, 'a OK go\r\nb OK injected\r\n']]);
    await server.check(imap({ tls: tlsOf({ mode: 'starttls' }) }), false, 'starttls: the server goes on in plain text');
  });

  it('names the greeting that turns it away', async () => {
    const server = await scripted('* BYE too busy\r\n', []);
    await server.check(imap(), false, 'greeting: the server says "* BYE too busy"');
  });
});

badServerCases('imap', imap(), { first: '* OK hi\r\n', greeting: 'greeting', next: 'query' });
