import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { badServerCases } from '../helpers/bad-server-cases.js';
import { checkOf, receive } from '../helpers/check.js';
import { type Behaviour, listen } from '../helpers/listener.js';
import type { ServerProgram } from '../helpers/servers/server-program.js';
import { sshdMissing, startSshd } from '../helpers/servers/sshd.js';
import { assertStops, verdict } from '../helpers/verdict.js';

const ssh = (changes: Partial<Check> = {}) => checkOf({ service: 'ssh', ...changes });
const right = { login: 'monitor', passwd: 'hunter2' };
const command = (request: string, pattern?: string) => ({
  ...right,
  request,
  receive: pattern === undefined ? null : receive(pattern),
});
const user = { name: right.login, password: right.passwd };

describe('ssh, OpenSSH', { skip: sshdMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startSshd(user);
  });
  after(() => server.close());

  const refused = 'login: the server refuses this user with this password';
  const table: readonly (readonly [string, Partial<Check>, boolean, string | RegExp])[] = [
    ['keys are agreed on', {}, true, 'key exchange: done'],
    ['a greeting', { receive: receive('^SSH-2.0-OpenSSH_') }, true, 'key exchange: done'],
    [
      'another greeting',
      { receive: receive('dropbear') },
      false,
      /^key exchange: no match for "dropbear" in "SSH-2\.0-/,
    ],
    ['a login', right, true, 'login: accepted'],
    ['a wrong password', { ...right, passwd: 'wrong' }, false, refused],
    ['an unknown user', { ...right, login: 'nobody-here' }, false, refused],
    ['a command', command('/exit 0'), true, 'command: exit status 0'],
    [
      'a command with its path',
      command('//bin/echo all well', '^all well'),
      true,
      /^command: exit status 0, the output/,
    ],
    ['a command that reads', command('/cat'), true, 'command: exit status 0'],
    ['its errors', command('/echo oh >&2', 'oh'), true, 'command: exit status 0, the output matches'],
    ['another output', command('/echo ill', 'well'), false, 'command: no match for "well" in "ill"'],
    ['a failed command', command('/echo out of it; exit 3', 'out'), false, 'command: exit status 3: out of it'],
    ['a killed command', command('/kill -9 $$'), false, 'command: killed by SIGKILL'],
    ['a command that tells the password', command('/echo hunter2; exit 1'), false, 'command: exit status 1: ***'],
    ['a command that floods', command('/yes'), false, 'command: more than 1048576 bytes of output'],
    ['a command without a login', { request: '/true' }, false, 'request: a command needs a user: set login'],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const [found, said] = await verdict(ssh({ port: server.port, ...changes }));
      if (typeof reason === 'string') assert.equal(said, reason, server.log());
      else assert.match(said, reason, server.log());
      assert.equal(found, ok);
    });
  }

  it('a command that does not end', async () => {
    const found = await verdict(ssh({ port: server.port, ...command('/sleep 20'), negotiateTimeout: 3000 }));
    assert.deepEqual(found, [false, 'command: not done within 3 s'], server.log());
  });

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, ssh({ port: server.port, ...right }), 'greeting: not done within 0.4 s'));
});

describe('ssh, OpenSSH without passwords', { skip: sshdMissing }, () => {
  it('tries nothing else', async () => {
    const server = await startSshd(user, 'PasswordAuthentication no', 'LogLevel VERBOSE');
    try {
      const found = await verdict(ssh({ port: server.port, ...right }));
      assert.deepEqual(found, [false, 'login: the server refuses this user with this password']);
      assert.doesNotMatch(server.log(), /publickey|keyboard-interactive|hunter2/);
    } finally {
      await server.close();
    }
  });
});

describe('ssh, by script', () => {
  const table: readonly (readonly [string, Behaviour, RegExp])[] = [
    [
      'another protocol',
      (socket) => socket.write('220 mail.example.com\r\nHELO\r\n'),
      /^(greeting|key exchange): not done/,
    ],
    ['an old version', (socket) => socket.write('SSH-1.5-old\r\n'), /^greeting: /],
    [
      'garbage after the greeting',
      (socket) => socket.write(`SSH-2.0-x\r\n${'\xff'.repeat(64)}`),
      /^(greeting|key exchange): /,
    ],
  ];
  for (const [name, behave, reason] of table) {
    it(name, async () => {
      const server = await listen(behave);
      const [ok, said] = await verdict(ssh({ port: server.port, ...right, negotiateTimeout: 1000 }));
      await server.close();
      assert.match(said, reason);
      assert.equal(ok, false);
    });
  }
});

badServerCases('ssh', ssh(right), {
  first: 'SSH-2.0-test\r\n',
  greeting: 'greeting',
  next: 'key exchange',
  without: ['silent instead of TLS', 'garbage instead of TLS', 'closes instead of TLS'],
});
