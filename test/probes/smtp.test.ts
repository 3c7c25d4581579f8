import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { badServerCases } from '../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../helpers/certificate.js';
import { brief, checkOf, tlsOf } from '../helpers/check.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { lacks } from '../helpers/programs.js';
import { type EximOptions, eximMissing, startExim } from '../helpers/servers/exim.js';
import { scripted } from '../helpers/servers/scripted.js';

const smtp = (changes: Partial<Check> = {}) => checkOf({ service: 'smtp', ...changes });
const skip = eximMissing || lacks('openssl');
const login = { user: 'monitor', password: 'hunter2' };
const right = { login: 'monitor', passwd: 'hunter2' };
const names = { names: ['mail.example.com'] };
const ca = pemOf(testAuthority().cert);

describe('smtp, exim', { skip }, () => {
  const table: readonly (readonly [
    name: string,
    server: EximOptions,
    changes: Partial<Check>,
    ok: boolean,
    reason: RegExp,
  ])[] = [
    ['up', {}, {}, true, /^response: 250 /],
    ['submission', {}, { service: 'submission' }, true, /^response: 250 /],
    ['receive says nothing', {}, { receive: { source: 'x^', regex: /x^/ } }, true, /^response: 250 /],
    ['refuses HELO', { helo: 'deny' }, {}, false, /^query: the server says "550 Administrative prohibition"$/],
    ['right password', { login }, right, true, /^response: 235 /],
    ['wrong password', { login }, { ...right, passwd: 'wrong' }, false, /^login: the server says "535 Incorrect auth/],
    ['no logins', {}, right, false, /^login: the server says "503 AUTH command used when not advertised"$/],
    [
      'no STARTTLS',
      {},
      { tls: tlsOf({ mode: 'starttls' }) },
      false,
      /^starttls: the server says "503 STARTTLS command/,
    ],
    ['TLS where there is none', {}, { tls: tlsOf() }, false, /^tls: the server does not speak TLS \(/],
  ];
  for (const [name, server, changes, ok, reason] of table) {
    it(name, () => verdict(server, changes, ok, reason));
  }

  it('STARTTLS, with a login under it', async () => {
    const certificate = testAuthority().issue(names);
    const tls = tlsOf({ mode: 'starttls', verify: true, ca, servername: 'mail.example.com' });
    await verdict({ certificate, login }, { tls, ...right }, true, /^response: 235 /);
    const other = { ...tls, servername: 'other.example' };
    await verdict(
      { certificate },
      { tls: other },
      false,
      /^tls: the certificate is for mail.example.com, not for other/,
    );
  });

  it('TLS from the first byte', async () => {
    const certificate = testAuthority().issue({ ...names, days: -3 });
    await verdict({ certificate, tlsOnConnect: true }, { tls: tlsOf() }, true, /^response: 250 /);
    const verified = tlsOf({ verify: true, ca, servername: 'mail.example.com' });
    await verdict({ certificate, tlsOnConnect: true }, { tls: verified }, false, /^tls: the certificate expired on /);
  });

  it('a stopped process, within the deadline, and up again when it goes on', async () => {
    const server = await startExim();
    try {
      server.freeze();
      const late = await withoutLeaks(() =>
        runProbe(smtp({ port: server.port, negotiateTimeout: brief }), 'negotiate'),
      );
      assert.deepEqual([late.ok, late.reason], [false, 'greeting: not done within 0.4 s']);
      server.thaw();
      assert.equal((await runProbe(smtp({ port: server.port }), 'negotiate')).ok, true);
    } finally {
      await server.close();
    }
  });
});

async function verdict(options: EximOptions, changes: Partial<Check>, ok: boolean, reason: RegExp): Promise<void> {
  const server = await startExim(options);
  try {
    const result = await withoutLeaks(() => runProbe(smtp({ port: server.port, ...changes }), 'negotiate'));
    assert.match(result.reason, reason, server.log());
    assert.equal(result.ok, ok);
  } finally {
    await server.close();
  }
}

describe('smtp, by script', () => {
  it('says HELO where EHLO is not known', async () => {
    const server = await scripted('220 hi\r\n', [
      [/^EHLO \S+\r\n$/, '502 what\r\n'],
      [/^HELO \S+\r\n$/, '250 old\r\n'],
    ]);
    await server.check(smtp(), true, 'response: 250 old');
  });

  it('takes a reply of many lines, in pieces', async () => {
    const server = await scripted(['220-a\r', '\n220', '-b\r\n220 c\r\n'], [[/^EHLO/, '250-x\r\n250 y\r\n']]);
    await server.check(smtp(), true, 'response: 250 y');
  });

  it('names what the server says, but no password, however that comes back', async () => {
    for (const echo of ['hunter2', Buffer.from('\0monitor\0hunter2').toString('base64')]) {
      const server = await scripted('220 hi\r\n', [
        [/^EHLO/, '250 AUTH PLAIN\r\n'],
        [/^AUTH PLAIN /, `535 no ${echo} here\r\n`],
      ]);
      await server.check(smtp(right), false, 'login: the server says "535 no *** here"');
    }
  });

  it('logs in by LOGIN where there is no PLAIN', async () => {
    const server = await scripted('220 hi\r\n', [
      [/^EHLO/, '250-AUTH=LOGIN\r\n250 AUTH CRAM-MD5 LOGIN\r\n'],
      [/^AUTH LOGIN\r\n$/, '334 VXNlcm5hbWU6\r\n'],
      [/^bW9uaXRvcg==\r\n$/, '334 UGFzc3dvcmQ6\r\n'],
      [/^aHVudGVyMg==\r\n$/, '235 welcome\r\n'],
    ]);
    await server.check(smtp(right), true, 'response: 235 welcome');
  });

  it('refuses what is said in plain text after the agreement to TLS', async () => {
    const server = await scripted('220 hi\r\n', [
      [/^EHLO/, '250 STARTTLS\r\n'],
      [/^STARTTLS/, '220 go\r\n250 injected\r\n'],
    ]);
    await server.check(smtp({ tls: tlsOf({ mode: 'starttls' }) }), false, 'starttls: the server goes on in plain text');
  });

  it('names the greeting that turns it away', async () => {
    const server = await scripted('554 go away\r\n', []);
    await server.check(smtp(), false, 'greeting: the server says "554 go away"');
  });
});

badServerCases('smtp', smtp(), { first: '220 hi\r\n', greeting: 'greeting', next: 'query' });
