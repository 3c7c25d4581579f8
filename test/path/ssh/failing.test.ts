import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import type { Shell, ShellResult } from '../../../src/path/shell.js';
import { until, within } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { alive, withoutLeaks } from '../../helpers/leaks.js';
import { type Behaviour, listen } from '../../helpers/listener.js';
import {
  type KeyPair,
  type LoginSshd,
  loginSshdMissing,
  makeKey,
  passwords,
  startLoginSshd,
  writeSecret,
} from '../../helpers/servers/login-sshd.js';
import { startSshAgent } from '../../helpers/servers/ssh-agent.js';
import { startTcpBlackHole } from '../../helpers/tcp-black-hole.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { ample, faultOf, knownHosts, linesOf, once, opened, usual } from './scene.js';
import { type Script, startScriptedSsh } from './scripted.js';

describe('servers that cannot be reached', () => {
  /** The password is there so that something can be shown; nobody gets to that. */
  const settingsAt = async (t: Parameters<typeof temporaryDirectory>[0], port: number, timeout = 60) => {
    const passwordFile = await writeSecret(await temporaryDirectory(t), 'password', passwords.admin);
    return { ...usual, port, timeout, passwordFile };
  };
  const faultAt = async (settings: SshSettings) => faultOf(await withoutLeaks(() => once(settings, 'true')));

  it('refused', async (t) => {
    const port = await freePort('127.0.0.1');
    const fault = await faultAt(await settingsAt(t, port));
    assert.deepEqual(
      [fault.code, fault.message],
      ['unreachable', `root@[127.0.0.1]:${port}: connect to 127.0.0.1 port ${port}: refused (ECONNREFUSED)`],
    );
  });

  it('a network that is not there', async (t) => {
    const settings = await settingsAt(t, 22);
    const fault = faultOf(await once(settings, 'true', { address: '255.255.255.255' }));
    assert.equal(fault.code, 'unreachable');
  });

  it('a name that has no address', async (t) => {
    const fault = faultOf(await once(await settingsAt(t, 22), 'true', { address: 'nobody.invalid' }));
    assert.equal(fault.code, 'unreachable');
    assert.match(fault.message, /connect to nobody\.invalid port 22: no address is known for this name/);
  });

  it('one that answers to nobody', async (t) => {
    const hole = await startTcpBlackHole();
    t.after(() => hole.close());
    const fault = await faultAt(await settingsAt(t, hole.port, 1));
    const where = `root@[127.0.0.1]:${hole.port}`;
    assert.deepEqual(
      [fault.code, fault.message],
      ['timed-out', `${where}: not done within 1 s, in this phase: connect`],
    );
  });

  const table: readonly (readonly [string, Behaviour, string, RegExp])[] = [
    ['one that says nothing', () => {}, 'timed-out', /in this phase: greeting of the server$/],
    [
      'one that stalls behind its greeting',
      (socket) => void socket.write('SSH-2.0-stalls\r\n'),
      'timed-out',
      /in this phase: exchange of keys$/,
    ],
    ['one that hangs up', (socket) => void socket.end(), 'unreachable', /closes the connection without a word$/],
    [
      'one that says why it hangs up',
      (socket) => void socket.end('Not allowed at this time\r\n'),
      'unreachable',
      /no SSH, but "Not allowed at this time"$/,
    ],
    [
      'one of another protocol that floods',
      (socket) => flood(socket, 'HTTP/1.1 400 Bad Request\r\n'),
      'unreachable',
      /no SSH, but "HTTP\/1\.1 400 Bad/,
    ],
    [
      'one that hangs up behind its greeting',
      (socket) => void socket.end('SSH-2.0-gone\r\n'),
      'unreachable',
      /exchange of keys: /,
    ],
    [
      'one that talks rubbish',
      (socket) => flood(socket, `SSH-2.0-x\r\n${'\xff'.repeat(4096)}`),
      'unreachable',
      /exchange of keys: /,
    ],
  ];
  for (const [name, behave, code, message] of table) {
    it(name, async (t) => {
      const server = await listen(behave);
      t.after(() => server.close());
      const fault = await faultAt(await settingsAt(t, server.port, code === 'timed-out' ? 1 : 60));
      assert.equal(fault.code, code, fault.message);
      assert.match(fault.message, message);
    });
  }
});

function flood(socket: Socket, text: string): void {
  const more = (): void => {
    while (socket.writable && socket.write(text, 'latin1'));
  };
  socket.on('drain', more);
  more();
}

describe('servers that let one in and then fail', () => {
  const releases: (() => Promise<void>)[] = [];
  const serve = async (script: Script, changes: Partial<SshSettings> = {}): Promise<SshSettings> => {
    const server = await startScriptedSsh(script);
    releases.push(() => server.close());
    const directory = await temporaryDirectory({ after: (release) => releases.push(release) });
    const settings = {
      ...usual,
      port: server.port,
      passwordFile: await writeSecret(directory, 'password', 'any-7416'),
      knownHosts: [await knownHosts(directory, 'known', [`[127.0.0.1]:${server.port} ${server.hostKey}`])],
    };
    return { ...settings, ...changes };
  };
  after(async () => {
    for (const release of releases) await release();
  });

  it('stalls in the login', async () => {
    const fault = faultOf(await once(await serve({ login: 'stall' }, { timeout: 2 }), 'true'));
    assert.equal(fault.code, 'timed-out');
    assert.match(fault.message, /: not done within 2 s, in this phase: (login|exchange of keys)$/);
  });

  it('hangs up in the login', async () => {
    const fault = faultOf(await once(await serve({ login: 'hang up' }), 'true'));
    assert.equal(fault.code, 'login-refused');
    assert.match(fault.message, /: login: not finished: closed by the server/);
  });

  it('stalls when a session is wanted', async () => {
    const fault = faultOf(await once(await serve({ session: 'stall' }), 'true', { deadline: 3000 }));
    assert.equal(fault.code, 'timed-out');
  });

  it('wants no sessions', async () => {
    const refusing = await serve({ session: 'refuse' });
    const fault = faultOf(await withoutLeaks(() => once(refusing, 'true')));
    assert.equal(fault.code, 'login-impossible');
    assert.match(fault.message, /the server opens no session: /);
  });

  it('takes the script and says nothing', async () => {
    const fault = faultOf(await once(await serve({ exec: () => {} }), 'true', { deadline: 3000 }));
    assert.equal(fault.code, 'timed-out');
    assert.match(fault.message, /in this phase: (begin of a shell|connect and log in|begin of a session)$/);
  });

  it('floods before there is a shell, and never listens', async () => {
    const exec: Script['exec'] = (channel) => {
      const more = (): void => {
        while (!channel.destroyed && channel.write(Buffer.alloc(32_768, 'x')));
      };
      channel.on('drain', more).on('error', () => {});
      more();
    };
    const fault = faultOf(await once(await serve({ exec }), 'true'));
    assert.equal(fault.code, 'output-too-long');
  });

  it('ends the session without a status', async () => {
    const exec: Script['exec'] = (channel) => channel.close();
    const fault = faultOf(await once(await serve({ exec }), 'true'));
    assert.equal(fault.code, 'lost');
  });

  it('asks for the password as sudo does, again and again, and repeats it', async () => {
    let said = '';
    const exec: Script['exec'] = (channel, command) => {
      const [, prompt = ''] = /-p '?([^' ]+)/.exec(command) ?? [];
      channel.stderr.write(`Password please.\n${prompt}`);
      channel.on('data', (data: Buffer) => {
        said += data.toString();
        channel.stderr.write(`You said ${data.toString()}${prompt}`);
      });
    };
    const first = await serve({ exec }, { user: 'admin' });
    const sudoPasswordFile = first.passwordFile;
    const fault = faultOf(await once({ ...first, sudoPasswordFile }, 'secret script', { asRoot: true }));
    assert.deepEqual([fault.code, said], ['sudo-refused', 'any-7416\n']);
    assert.doesNotMatch(JSON.stringify(fault), /any-7416/);
  });

  it('asks for a password that is not for sudo', async () => {
    let said = '';
    const exec: Script['exec'] = (channel) => {
      channel.stderr.write('Verification code: ');
      channel.on('data', (data: Buffer) => {
        said += data.toString();
      });
    };
    const first = await serve({ exec }, { user: 'admin' });
    const options = { asRoot: true, deadline: 5000 };
    const fault = faultOf(await once({ ...first, sudoPasswordFile: first.passwordFile }, 'script', options));
    assert.deepEqual([fault.code, said], ['timed-out', '']);
    assert.match(fault.message, /after "Verification code:"$|in this phase: (connect and log in|begin of a session)$/);
  });

  it('repeats the password in an error of its own', async () => {
    const exec: Script['exec'] = (channel, command) => {
      const [, prompt = ''] = /-p '?([^' ]+)/.exec(command) ?? [];
      channel.stderr.write(prompt);
      channel.once('data', (data: Buffer) => {
        channel.stderr.write(`sudo: what is ${data.toString()}`);
        channel.exit(1);
        channel.close();
      });
    };
    const first = await serve({ exec }, { user: 'admin' });
    const fault = faultOf(await once({ ...first, sudoPasswordFile: first.passwordFile }, 'script', { asRoot: true }));
    assert.equal(fault.code, 'sudo-refused');
    assert.match(fault.message, /: sudo ended with status 1: sudo: what is$/);
  });
});

describe('a real server that fails', { skip: loginSshdMissing }, () => {
  const releases: (() => Promise<void>)[] = [];
  let directory: string;
  let key: KeyPair;
  let server: LoginSshd;
  let settings: SshSettings;
  before(async () => {
    directory = await temporaryDirectory({ after: (release) => releases.push(release) });
    key = await makeKey(directory, 'key');
    server = await startLoginSshd({ authorized: [key.line] });
    const known = await knownHosts(directory, 'known', linesOf(server));
    settings = { ...usual, port: server.port, key: key.file, knownHosts: [known] };
  });
  after(async () => {
    await server?.close();
    for (const release of releases) await release();
  });

  it('floods', async () => {
    for (const flood of ['yes', 'yes >&2']) {
      assert.equal(faultOf(await withoutLeaks(() => once(settings, flood))).code, 'output-too-long');
    }
  });

  it('does not end, and works again for the next script', async (t) => {
    const shell = await shellFor(t);
    const fault = faultOf(await shell.run('sleep 300', { deadline: 3000, asRoot: false }));
    assert.equal(fault.code, 'timed-out');
    const result = await shell.run('echo again', { deadline: ample, asRoot: false });
    assert.ok(result.ok && result.stdout === 'again\n', JSON.stringify(result));
    await shell.close();
    assert.equal(faultOf(await shell.run('true', { deadline: ample, asRoot: false })).code, 'aborted');
  });

  it('is given up', async (t) => {
    const stop = new AbortController();
    const { running } = await begun(await shellFor(t), stop.signal);
    stop.abort();
    assert.deepEqual(faultOf(await running).code, 'aborted');
  });

  it('has an agent behind it that hangs', async () => {
    const agent = await startSshAgent(directory, key.file);
    try {
      agent.freeze();
      const changed = { ...settings, key: null, agent: agent.socket, timeout: 2 };
      const fault = faultOf(await withoutLeaks(() => once(changed, 'true')));
      assert.equal(fault.code, 'timed-out');
    } finally {
      await agent.close();
    }
  });

  it('stops in the middle, and the connection is not waited for', async (t) => {
    const stop = new AbortController();
    const { running, session } = await begun(await shellFor(t), stop.signal);
    process.kill(session, 'SIGSTOP');
    t.after(() => process.kill(session, 'SIGKILL'));
    stop.abort();
    assert.equal(faultOf(await within('the end of the run', running)).code, 'aborted');
  });

  it('dies in the middle, and is there again', async (t) => {
    const shell = await shellFor(t);
    const { running, session, script } = await begun(shell);
    process.kill(session, 'SIGKILL');
    const fault = faultOf(await running);
    assert.equal(fault.code, 'lost');
    assert.match(fault.message, /^root@\[127\.0\.0\.1\]:\d+: the connection is lost/);
    await until('the script has ended', () => !alive(script));
    await server.end();
    assert.equal(faultOf(await shell.run('echo none', { deadline: ample, asRoot: false })).code, 'unreachable');
    await server.again();
    const result = await shell.run('echo again', { deadline: ample, asRoot: false });
    assert.ok(result.ok && result.stdout === 'again\n', JSON.stringify(result));
  });

  async function shellFor(t: TestContext): Promise<Shell> {
    const machines = await opened(settings);
    t.after(() => machines.close());
    return machines.shell({ address: '127.0.0.1', names: [] });
  }

  /** A script that does not end, with its process and the server's for it. */
  async function begun(
    shell: Shell,
    signal = new AbortController().signal,
  ): Promise<{ running: Promise<ShellResult>; script: number; session: number }> {
    const file = join(directory, randomUUID());
    const running = shell.run(`sh -c 'echo $$ >${file}; sleep 300; true'; true`, {
      deadline: ample,
      asRoot: false,
      signal,
    });
    const said = () => readFile(file, 'utf8').catch(() => '');
    await until('it has begun', async () => (await said()).endsWith('\n'));
    const script = Number(await said());
    let session = script;
    while (!readFileSync(`/proc/${session}/cmdline`, 'latin1').startsWith('sshd:')) {
      const [, , parent] = readFileSync(`/proc/${session}/stat`, 'latin1')
        .replace(/^.*\) /s, ') ')
        .split(' ');
      session = Number(parent);
    }
    return { running, script, session };
  }
});
