import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { type PostfixOptions, postfixMissing, startPostfix } from '../../helpers/servers/postfix.js';
import { scripted } from '../../helpers/servers/scripted.js';
import { assertVerdict } from '../../helpers/verdict.js';

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
  it('says HELO where EHLO is not known', async (t) => {
    const server = await listen((socket) => {
      socket.write('220 hi\r\n');
      socket.on('data', (data) => {
        if (data.toString() !== 'QUIT\r\n')
          socket.write(/^HELO \S+\r\n$/.test(`${data}`) ? '250 old\r\n' : '502 what\r\n');
      });
    });
    t.after(() => server.close());
    await assertVerdict(smtp({ port: server.port }), true, 'response: 250 old');
  });

  it('names what the server says before it hangs up', async (t) => {
    const server = await listen((socket) => {
      socket.write('220 hi\r\n');
      socket.once('data', () => socket.end('550 you not\r\n'));
    });
    t.after(() => server.close());
    await assertVerdict(smtp({ port: server.port }), false, /^query: .*closed by the server.*, after 550 you not$/);
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

  it('logs in by PLAIN where the server asks for what it has been told', async () => {
    const plain = Buffer.from('\0monitor\0hunter2').toString('base64');
    const server = await scripted('220 hi\r\n', [
      [/^EHLO/, '250 AUTH PLAIN\r\n'],
      [new RegExp(`^AUTH PLAIN ${plain}\r\n$`), '334 \r\n'],
      [new RegExp(`^${plain}\r\n$`), '235 welcome\r\n'],
    ]);
    await server.check(smtp(right), true, 'response: 235 welcome');
  });

  // The example of RFC 2195.
  const tim = { login: 'tim', passwd: 'tanstaaftanstaaf' };
  const challenge = '334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n';
  const digest = 'dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw';
  for (const [end, ok, reason] of [
    ['235 welcome', true, 'response: 235 welcome'],
    [`535 not ${digest}`, false, 'login: the server says "535 not ***"'],
  ] as const) {
    it(`logs in by CRAM-MD5 where there is nothing else: ${reason}`, async () => {
      const server = await scripted('220 hi\r\n', [
        [/^EHLO/, '250-X\r\n250-AUTH GSSAPI cram-md5\r\n250 Y\r\n'],
        [/^AUTH CRAM-MD5\r\n$/, challenge],
        [new RegExp(`^${digest}\r\n$`), `${end}\r\n`],
      ]);
      await server.check(smtp(tim), ok, reason);
    });
  }

  it('names the ways to log in that the server has', async () => {
    const server = await scripted('220 hi\r\n', [[/^EHLO/, '250-AUTH GSSAPI XOAUTH2\r\n250 AUTH=NTLM\r\n']]);
    const reason = 'login: the server offers GSSAPI, XOAUTH2, NTLM, and none of PLAIN, LOGIN, CRAM-MD5';
    await server.check(smtp(right), false, reason);
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
