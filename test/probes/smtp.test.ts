import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { badServerCases } from '../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../helpers/check.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { lacks } from '../helpers/programs.js';
import { type PostfixOptions, postfixMissing, startPostfix } from '../helpers/servers/postfix.js';
import { scripted } from '../helpers/servers/scripted.js';

const smtp = (changes: Partial<Check> = {}) => checkOf({ service: 'smtp', ...changes });
const skip = postfixMissing || lacks('openssl');
const right = { login: 'monitor', passwd: 'hunter2' };
const names = { names: ['mail.example.com'] };

describe('smtp, postfix', { skip }, () => {
  const table: readonly (readonly [string, PostfixOptions, Partial<Check>, boolean, RegExp])[] = [
    ['up', {}, {}, true, /^response: 250 /],
    ['submission', {}, { service: 'submission' }, true, /^response: 250 /],
    ['receive says nothing', {}, { receive: receive('^x') }, true, /^response: 250 /],
    ['no logins', {}, right, false, /^login: the server says "503 5.5.1 Error: authentication not enabled"$/],
    ['no STARTTLS', {}, { tls: tlsOf({ mode: 'starttls' }) }, false, /^starttls: the server says "502 5.5.1 /],
    ['TLS where there is none', {}, { tls: tlsOf() }, false, /^tls: the server does not speak TLS \(/],
  ];
  for (const [name, server, changes, ok, reason] of table) {
    it(name, () => verdict(server, changes, ok, reason));
  }

  it('STARTTLS, verified', async () => {
    const certificate = testAuthority().issue(names);
    const ca = pemOf(testAuthority().cert);
    const tls = tlsOf({ mode: 'starttls', verify: true, ca, servername: 'mail.example.com' });
    await verdict({ certificate }, { tls }, true, /^response: 250 /);
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
    const ca = pemOf(testAuthority().cert);
    await verdict({ certificate, wrapped: true }, { tls: tlsOf() }, true, /^response: 250 /);
    const verified = tlsOf({ verify: true, ca, servername: 'mail.example.com' });
    await verdict({ certificate, wrapped: true }, { tls: verified }, false, /^tls: the certificate expired on /);
  });

  it('a stopped process, within the deadline, and up again when it goes on', async () => {
    const server = await startPostfix();
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

async function verdict(options: PostfixOptions, changes: Partial<Check>, ok: boolean, reason: RegExp): Promise<void> {
  const server = await startPostfix(options);
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
