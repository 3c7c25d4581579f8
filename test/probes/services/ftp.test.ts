import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { type Behaviour, closedPort, flood, type Listener, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { scripted } from '../../helpers/servers/scripted.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { startVsftpd, vsftpdMissing } from '../../helpers/servers/vsftpd.js';
import { assertStops } from '../../helpers/verdict.js';

const ftp = (changes: Partial<Check> = {}) => checkOf({ service: 'ftp', ...changes });
const right = { login: 'anonymous', passwd: 'hunter2' };
const file = { request: '/status.txt', receive: receive('^service (ok|fine)$') };

describe('ftp, vsftpd', { skip: vsftpdMissing || lacks('openssl') }, () => {
  let open: ServerProgram;
  let closed: ServerProgram;
  let secure: ServerProgram;
  let implicit: ServerProgram;
  before(async () => {
    const files = { 'status.txt': 'service ok', 'empty.txt': '', 'large.txt': `first${'x'.repeat(3_000_000)}` };
    const certificate = testAuthority().issue({ names: ['ftp.example.com'] });
    open = await startVsftpd({ files });
    closed = await startVsftpd({ files, password: right.passwd });
    const forced = ['force_anon_logins_ssl=YES', 'force_anon_data_ssl=YES'];
    secure = await startVsftpd({ files, certificate, settings: forced });
    implicit = await startVsftpd({ files, certificate, settings: ['implicit_ssl=YES'] });
  });
  after(async () => {
    for (const server of [open, closed, secure, implicit]) await server.close();
  });

  const verified = (changes: Partial<Check['tls']> = {}) => ({
    port: secure.port,
    tls: tlsOf({
      mode: 'starttls',
      verify: true,
      ca: pemOf(testAuthority().cert),
      servername: 'ftp.example.com',
      minDays: 20,
      ...changes,
    }),
  });
  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => ({}), true, /^response: 250 Directory successfully changed\.$/],
    ['a file', () => file, true, /^response: 10 bytes of \/status\.txt$/],
    ['an empty file', () => ({ request: '/empty.txt' }), true, /^response: 0 bytes of/],
    [
      'the start of a large file',
      () => ({ request: '/large.txt', receive: receive('^firstx') }),
      true,
      /^response: 524288 /,
    ],
    [
      'wrong answer',
      () => ({ ...file, receive: receive('^fine') }),
      false,
      /^response: no match for "\^fine" in "service ok"$/,
    ],
    ['no such file', () => ({ request: '/none' }), false, /^query: the server says "550 Failed to open file\."$/],
    ['nothing to fetch, but an answer', () => ({ receive: receive('.') }), false, /^query: the server says "550 /],
    ['right password', () => ({ port: closed.port, ...right, ...file }), true, /^response: 10 bytes/],
    [
      'wrong password',
      () => ({ port: closed.port, ...right, passwd: 'wrong' }),
      false,
      /^login: the server says "530 Login incorrect\."$/,
    ],
    [
      'another user',
      () => ({ ...right, login: 'monitor' }),
      false,
      /^login: the server says "530 This FTP server is anon/,
    ],
    ['no anonymous users, and no login set', () => ({ port: closed.port }), true, /^response: 530 Login incorrect\.$/],
    ['no anonymous users for a file', () => ({ port: closed.port, ...file }), false, /^login: the server says "530 /],
    ['AUTH TLS, verified, with a file', () => ({ ...verified(), ...file }), true, /^response: 10 bytes/],
    ['AUTH TLS, verified', () => verified(), true, /^response: 250 /],
    ['TLS from the first byte', () => ({ port: implicit.port, tls: tlsOf(), ...file }), true, /^response: 10 bytes/],
    [
      'wrong certificate',
      () => verified({ servername: 'other.example' }),
      false,
      /^tls: the certificate is for ftp.example.com, not for other\.example/,
    ],
    [
      'no AUTH TLS',
      () => ({ tls: tlsOf({ mode: 'starttls' }) }),
      false,
      /^starttls: the server says "530 Please login/,
    ],
    ['TLS where there is none', () => ({ tls: tlsOf() }), false, /^tls: the server does not speak TLS \(/],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(ftp({ port: open.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
      assert.ok(!result.reason.includes(right.passwd));
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(open, ftp({ port: open.port }), 'greeting: not done within 0.4 s'));
});

function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}`);
}

describe('ftp, by script', () => {
  const entry = (pasv: string): [RegExp, string][] => [
    [/^USER monitor\r\n$/, '331 password\r\n'],
    [/^PASS hunter2\r\n$/, '230-welcome\r\n230 in\r\n'],
    [/^CWD \/\r\n$/, '250 ok\r\n'],
    [/^TYPE I\r\n$/, '200 ok\r\n'],
    [/^PASV\r\n$/, pasv],
  ];
  const check = ftp({ ...file, login: 'monitor', passwd: 'hunter2' });
  const numbers = (port: number) => `${port >> 8},${port & 255}`;

  const data: readonly (readonly [string, Behaviour, string, Partial<Check>, string])[] = [
    ['a file that comes late', (s) => setTimeout(() => s.end('service fine'), 30), '226 done\r\n', {}, ''],
    ['a complaint at the end', (s) => s.end('service ok'), '451 disk\r\n', {}, 'response: the server says "451 disk"'],
    [
      'a file that stalls',
      (s) => void s.write('service'),
      '',
      { negotiateTimeout: brief },
      'response: not done within 0.4 s',
    ],
    [
      'a file that floods',
      (s) => flood(s, () => s.write('x'.repeat(4096))),
      '',
      {},
      'response: no match for "^service (ok|fine)$" in "x',
    ],
    [
      'a reset',
      (s) => setTimeout(() => s.resetAndDestroy(), 30),
      '',
      {},
      'response: reset or closed by the server (ECONNRESET)',
    ],
  ];
  for (const [name, behave, end, changes, reason] of data) {
    it(name, async () => {
      const source: Listener = await listen(behave);
      // Another address than the server's: it is not to be believed.
      const server = await scripted('220 hi\r\n', [
        ...entry(`227 Entering (203,0,113,9,${numbers(source.port)})\r\n`),
        [/^RETR \/status\.txt\r\n$/, ['150 here\r\n', end]],
      ]);
      const expected = reason === '' ? 'response: 12 bytes of /status.txt' : reason;
      try {
        await server.check({ ...check, ...changes }, reason === '', startsWith(expected));
      } finally {
        await source.close();
      }
    });
  }

  it('no data connection', async () => {
    const pasv = `227 go =127,0,0,1,${numbers(await closedPort())}`;
    const server = await scripted('220 hi\r\n', entry(`${pasv}\r\n`));
    await server.check(check, false, `connect: refused (ECONNREFUSED), after ${pasv}`);
  });

  it('asks for a port alone over IPv6', async () => {
    const source = await listen((socket) => socket.end('service ok'), '::1');
    const replies = ['331', '230', '250', '200', `229 go (|||${source.port}|)`, '150', '226'];
    const asked: string[] = [];
    const server = await listen((socket) => {
      socket.write('220 hi\r\n');
      socket.on('data', (data) => {
        asked.push(data.toString());
        // The file is there when the reply to RETR has been read.
        socket.write(`${replies.splice(0, replies[0] === '150' ? 2 : 1).join(' \r\n')} \r\n`);
      });
    }, '::1');
    try {
      const result = await runProbe({ ...check, address: '::1', port: server.port }, 'negotiate');
      assert.deepEqual([result.ok, result.reason], [true, 'response: 10 bytes of /status.txt']);
      assert.equal(asked[4], 'EPSV\r\n');
    } finally {
      await server.close();
      await source.close();
    }
  });

  it('no port to connect to', async () => {
    for (const reply of ['227 hi', '227 (1,2,3,4,999,999)', '229 (|||0|)', '229 (|||65536|)']) {
      const server = await scripted('220 hi\r\n', entry(`${reply}\r\n`));
      await server.check(check, false, `query: no port to fetch from in "${reply}"`);
    }
  });

  it('asks otherwise for a port where PASV is not taken', async () => {
    const source = await listen((socket) => setTimeout(() => socket.end('service ok'), 30));
    const server = await scripted('220 hi\r\n', [
      ...entry('502 not here\r\n'),
      [/^EPSV\r\n$/, `229 go (|||${source.port}|)\r\n`],
      [/^RETR \/status\.txt\r\n$/, ['150 here\r\n', '226 done\r\n']],
    ]);
    try {
      await server.check(check, true, 'response: 10 bytes of /status.txt');
    } finally {
      await source.close();
    }
  });

  it('goes by the first figure of a reply', async () => {
    const source = await listen((socket) => setTimeout(() => socket.end('service ok'), 30));
    const server = await scripted('220 hi\r\n', [
      [/^USER monitor\r\n$/, '232 I know you by your certificate\r\n'],
      [/^CWD \/\r\n$/, '200 ok\r\n'],
      [/^TYPE I\r\n$/, '202 there is no other\r\n'],
      [/^PASV\r\n$/, `227 go (127,0,0,1,${numbers(source.port)})\r\n`],
      [/^RETR \/status\.txt\r\n$/, ['110 here\r\n', '200 done\r\n']],
    ]);
    try {
      await server.check(check, true, 'response: 10 bytes of /status.txt');
    } finally {
      await source.close();
    }
  });

  it('neither PASV nor EPSV', async () => {
    const server = await scripted('220 hi\r\n', [...entry('502 not here\r\n'), [/^EPSV\r\n$/, '500 nor this\r\n']]);
    await server.check(check, false, 'query: the server says "500 nor this"');
  });

  it('a file for a user without the root folder', async () => {
    const source = await listen((socket) => setTimeout(() => socket.end('service ok'), 30));
    const server = await scripted('220 hi\r\n', [
      ...entry('').slice(0, 2),
      [/^CWD \/\r\n$/, '550 not yours\r\n'],
      [/^TYPE I\r\n$/, '200 ok\r\n'],
      [/^PASV\r\n$/, `227 go (127,0,0,1,${numbers(source.port)})\r\n`],
      [/^RETR \/status\.txt\r\n$/, ['150 here\r\n', '226 done\r\n']],
    ]);
    try {
      await server.check(check, true, 'response: 10 bytes of /status.txt');
    } finally {
      await source.close();
    }
  });

  it('a user without the root folder, and nothing to fetch', async () => {
    const server = await scripted('220 hi\r\n', [...entry('').slice(0, 2), [/^CWD \/\r\n$/, '550 not yours\r\n']]);
    await server.check({ ...check, request: '/', receive: null }, true, 'response: 550 not yours');
  });

  it('a server that goes away after the login', async () => {
    const server = await scripted('220 hi\r\n', [...entry('').slice(0, 2), [/^CWD \/\r\n$/, '421 no time\r\n']]);
    await server.check({ ...check, request: '/', receive: null }, false, 'query: the server says "421 no time"');
  });

  const turnedAway = ['421-Sorry, cleartext sessions are not accepted.\r\n421 Please reconnect using TLS\r\n'] as const;
  const words = '421 Please reconnect using TLS';
  for (const [name, changes, said, ok, reason] of [
    ['is up without login, request and receive', {}, turnedAway, true, `response: ${words}`],
    ['is down for a user', { login: 'monitor' }, turnedAway, false, `login: the server says "${words}"`],
    ['is down for a file', file, turnedAway, false, `login: the server says "${words}"`],
    ['is down where it has too much to do', {}, ['421 too many\r\n'], false, 'login: the server says "421 too many"'],
  ] as const) {
    it(`a server that turns away who comes without TLS ${name}`, async () => {
      const server = await scripted('220 hi\r\n', [[/^USER /, said]]);
      await server.check(ftp(changes), ok, reason);
    });
  }

  it('is anonymous by default', async () => {
    const server = await scripted('220 hi\r\n', [
      [/^USER anonymous\r\n$/, '331 password\r\n'],
      [/^PASS ldirectord@\S+\r\n$/, '230 in\r\n'],
      [/^CWD \/\r\n$/, '250 ok\r\n'],
    ]);
    await server.check(ftp(), true, 'response: 250 ok');
  });

  it('names what the server says, but no password', async () => {
    const server = await scripted('220 hi\r\n', [
      [/^USER/, '331 password\r\n'],
      [/^PASS/, '530 not hunter2\r\n'],
    ]);
    await server.check(check, false, 'login: the server says "530 not ***"');
  });

  it('sends no line end from a setting', async () => {
    const server = await scripted('220 hi\r\n', [[/^never/, '']]);
    await server.check({ ...check, login: 'a\r\nDELE b' }, false, 'login: a setting of the check holds a line end');
  });

  it('names the greeting that turns it away', async () => {
    const server = await scripted('421 too many\r\n', []);
    await server.check(check, false, 'greeting: the server says "421 too many"');
  });
});

badServerCases('ftp', ftp(), { first: '220 hi\r\n', greeting: 'greeting', next: 'login' });
