import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import type { Check } from '../../../src/probes/probe.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { checkOf, receive } from '../../helpers/check.js';
import { until } from '../../helpers/deadline.js';
import { type Behaviour, listen } from '../../helpers/listener.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { pamMissing, sshdMissing, startSshd } from '../../helpers/servers/sshd.js';
import { assertStops, assertVerdict, verdict } from '../../helpers/verdict.js';

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

describe('ssh, OpenSSH with algorithms of its own', { skip: sshdMissing }, () => {
  const only = /^key exchange: offered, no matching (key exchange algorithm|C->S MAC)$/;
  const done = /^key exchange: done$/;
  const table: readonly (readonly [setting: string, without: RegExp, login: RegExp])[] = [
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', only, /^key exchange: no matching key exchange algorithm$/],
    ['MACs umac-128-etm@openssh.com', only, /^key exchange: no matching C->S MAC$/],
    ['KexAlgorithms diffie-hellman-group14-sha1', done, /^login: accepted$/],
    ['KexAlgorithms diffie-hellman-group1-sha1', done, /^login: accepted$/],
    ['Ciphers aes128-cbc', done, /^login: accepted$/],
    ['MACs hmac-md5', done, /^login: accepted$/],
    ['MACs hmac-sha1-96', done, /^login: accepted$/],
  ];
  for (const [setting, without, login] of table) {
    it(setting, async () => {
      // A cipher that vouches for itself would make codes needless.
      const server = await startSshd(user, setting, ...(setting.startsWith('MACs') ? ['Ciphers aes128-ctr'] : []));
      try {
        const check = ssh({ port: server.port });
        await assertVerdict(check, true, without, server.log());
        await assertVerdict({ ...check, receive: receive('^SSH-2.0-OpenSSH') }, true, without, server.log());
        await assertVerdict({ ...check, receive: receive('dropbear') }, false, /no match for "dropbear"/);
        await assertVerdict({ ...check, ...right }, login.source.includes('accepted'), login, server.log());
      } finally {
        await server.close();
      }
    });
  }
});

describe('ssh, OpenSSH that asks for the password', { skip: sshdMissing || pamMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startSshd(user, 'UsePAM yes', 'AuthenticationMethods keyboard-interactive');
  });
  after(() => server.close());

  it('takes the right one', async () => {
    await assertVerdict(ssh({ port: server.port, ...right }), true, 'login: accepted', server.log());
  });

  it('refuses another, once', async () => {
    const reason = 'login: the server refuses this user with this password';
    await assertVerdict(ssh({ port: server.port, ...right, passwd: 'wrong' }), false, reason, server.log());
    await until(
      () => `the refusal is in the log: ${server.log()}`,
      () => server.log().includes('PAM: Authentication failure'),
    );
    assert.equal(server.log().match(/PAM: Authentication failure/g)?.length, 1);
    assert.doesNotMatch(server.log(), /wrong|hunter2/);
  });
});

describe('ssh, questions by script', () => {
  const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
  type Questions = readonly (readonly ssh2.Prompt[])[];
  const password = { prompt: 'Password: ', echo: false };
  const code = { prompt: 'Code: ', echo: false };
  const refused = 'login: the server refuses this user with this password';
  const asks = (prompt: string) => `login: the server asks "${prompt}", which is not for a password`;
  const table: readonly (readonly [string, Questions, boolean, string])[] = [
    ['the password', [[password]], true, 'login: accepted'],
    ['the password, and then nothing', [[password], []], true, 'login: accepted'],
    ['nothing, and then the password', [[], [password]], true, 'login: accepted'],
    ['a code behind the password', [[password], [code]], false, asks('Code:')],
    ['a code beside the password', [[password, code]], false, asks('Code:')],
    ['a name that is seen', [[{ prompt: 'Name: ', echo: true }]], false, asks('Name:')],
    ['a password that is none', [[code]], false, refused],
  ];
  for (const [name, questions, ok, reason] of table) {
    it(name, async () => {
      const server = await questioner(key, questions);
      try {
        await assertVerdict(ssh({ port: server.port, ...right }), ok, reason);
        assert.deepEqual(server.tried, ['password', 'keyboard-interactive']);
      } finally {
        await server.close();
      }
    });
  }

  it('does not answer where the server takes passwords, but not this one', async (t) => {
    const server = await questioner(key, [[password]], ['password', 'keyboard-interactive']);
    t.after(() => server.close());
    await assertVerdict(ssh({ port: server.port, ...right }), false, refused);
    assert.deepEqual(server.tried, ['password']);
  });

  /** Takes who answers every question with the password, of which none is for anything else. */
  function ask(context: ssh2.KeyboardAuthContext, [first, ...others]: Questions): void {
    if (first === undefined) context.accept();
    else {
      context.prompt([...first], (answers) => {
        const right = first.every(({ prompt }, index) => prompt !== code.prompt && answers[index] === user.password);
        if (right) ask(context, others);
        else context.reject(['keyboard-interactive']);
      });
    }
  }

  async function questioner(
    hostKey: string,
    questions: Questions,
    methods: ssh2.AuthenticationType[] = ['keyboard-interactive'],
  ): Promise<{ port: number; tried: string[]; close(): Promise<void> }> {
    const tried: string[] = [];
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (context) => {
        tried.push(context.method);
        if (context.method === 'keyboard-interactive') ask(context, [...questions]);
        else context.reject(methods);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = () => new Promise<void>((closed) => server.close(() => closed()));
    return { port: (server.address() as AddressInfo).port, tried, close };
  }
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

  it('takes a greeting in pieces', async () => {
    let asked = '';
    const greet = async (socket: Socket) => {
      for (const piece of ['SSH-2', '.0-te', 'st', '\r\n']) {
        socket.write(piece);
        await sleep(10);
      }
    };
    const server = await listen((socket) => {
      socket.on('data', (data) => {
        asked += data.toString('latin1');
        // Its list of algorithms: it has read the greeting.
        if (asked.includes('curve25519')) socket.end();
      });
      void greet(socket);
    });
    const found = await verdict(ssh({ port: server.port, ...right, negotiateTimeout: 3000 }));
    await server.close();
    assert.deepEqual(found, [false, 'key exchange: closed by the server']);
  });

  it('is down where it lets in and leaves in the same breath', async () => {
    const { private: hostKey } = ssh2.utils.generateKeyPairSync('ed25519');
    const server = await listen((socket) => {
      const session = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
        client.on('error', () => {});
        client.on('authentication', (context) => {
          if (context.method !== 'password') return context.reject(['password']);
          socket.cork();
          context.accept();
          client.end();
          socket.uncork();
        });
      });
      session.injectSocket(socket);
    });
    const [ok, reason] = await verdict(ssh({ port: server.port, ...right, request: '/true' }));
    await server.close();
    assert.match(reason, /^command: /);
    assert.equal(ok, false);
  });
});

badServerCases('ssh', ssh(right), {
  first: 'SSH-2.0-test\r\n',
  greeting: 'greeting',
  next: 'key exchange',
  without: ['silent instead of TLS', 'garbage instead of TLS', 'closes instead of TLS'],
});
