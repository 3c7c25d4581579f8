import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import { fingerprint } from '../../../src/path/ssh/known-hosts.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import {
  type KeyPair,
  type LoginSshd,
  loginSshdMissing,
  makeKey,
  passwords,
  startLoginSshd,
  writeSecret,
} from '../../helpers/servers/login-sshd.js';
import { type SshAgent, startSshAgent } from '../../helpers/servers/ssh-agent.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { faultOf, knownHosts, linesOf, once, usual } from './scene.js';

describe('logging in', { skip: loginSshdMissing }, () => {
  let directory: string;
  let server: LoginSshd;
  let agent: SshAgent;
  let key: KeyPair;
  let encrypted: KeyPair;
  let stranger: KeyPair;
  let settings: SshSettings;
  const releases: (() => Promise<void>)[] = [];
  before(async () => {
    directory = await temporaryDirectory({ after: (release) => releases.push(release) });
    key = await makeKey(directory, 'key');
    encrypted = await makeKey(directory, 'encrypted', 'open sesame 7413');
    stranger = await makeKey(directory, 'stranger');
    const held = await makeKey(directory, 'held', '', 'ecdsa');
    const rsa = await makeKey(directory, 'rsa', '', 'rsa');
    agent = await startSshAgent(directory, stranger.file, held.file);
    server = await startLoginSshd({
      authorized: [key, encrypted, held, rsa].map(({ line }) => line),
      hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'],
    });
    const known = await knownHosts(directory, 'known_hosts', linesOf(server));
    settings = { ...usual, port: server.port, key: key.file, knownHosts: [known] };
  });
  after(async () => {
    await server?.close();
    await agent?.close();
    for (const release of releases) await release();
  });

  const assertIn = async (changes: Partial<SshSettings>, user = changes.user ?? 'root'): Promise<void> => {
    const result = await withoutLeaks(() => once({ ...settings, ...changes }, 'id -un'));
    assert.deepEqual(result, { ok: true, status: 0, stdout: `${user}\n`, stderr: '' }, server.log());
  };
  const refusal = async (changes: Partial<SshSettings>) =>
    faultOf(await withoutLeaks(() => once({ ...settings, ...changes }, 'id -un')));
  const secret = (text: string) => writeSecret(directory, `secret-${text.length}-${text.slice(0, 3)}`, `${text}\n`);

  it('by a key', () => assertIn({}));
  it('by a key of RSA', () => assertIn({ key: `${directory}/rsa` }));
  it('as another user', () => assertIn({ user: 'admin' }));
  it('by an encrypted key', async () => {
    await assertIn({ key: encrypted.file, keyPassphraseFile: await secret('open sesame 7413') });
  });
  it('by an agent, at a path', () => assertIn({ key: null, agent: agent.socket }));
  it('by an agent, behind a key that the server does not know', () =>
    assertIn({ key: stranger.file, agent: agent.socket }));
  it('by an agent, though the key itself is encrypted', () => assertIn({ key: encrypted.file, agent: agent.socket }));
  it('by the agent of the environment', async () => {
    const surroundings = { home: directory, agent: agent.socket };
    const result = await once({ ...settings, key: null, agent: true }, 'id -un', { surroundings });
    assert.ok(result.ok && result.stdout === 'root\n', JSON.stringify(result));
  });
  it('by a password', async () => {
    await assertIn({ user: 'admin', key: null, passwordFile: await secret(passwords.admin) });
  });
  it('by a password, behind an agent', async () => {
    const passwordFile = await secret(passwords.admin);
    await assertIn({ user: 'admin', key: stranger.file, passwordFile });
  });

  it('not by another password', async () => {
    const fault = await refusal({ user: 'admin', key: null, passwordFile: await secret(passwords.other) });
    assert.equal(fault.code, 'login-refused');
    assert.match(fault.message, /^admin@\[127\.0\.0\.1\]:\d+: login: refused; the server takes publickey, password/);
    assert.match(fault.message, /; tried: the password$/);
    assert.doesNotMatch(JSON.stringify(fault), /battery|correct-horse/);
  });
  it('not by a key that the server does not know', async () => {
    const fault = await refusal({ key: stranger.file });
    assert.equal(fault.code, 'login-refused');
    assert.ok(fault.message.endsWith(`; tried: the key ${stranger.file}`), fault.message);
    assert.match(fault.remedy, /~root\/\.ssh\/authorized_keys/);
  });
  it('not by an agent that is not there', async () => {
    const fault = await refusal({ key: null, agent: `${directory}/nobody` });
    assert.equal(fault.code, 'login-refused');
    assert.match(fault.message, /; tried: the keys of the agent; Failed to connect to agent$/);
  });

  const impossible: readonly (readonly [string, () => Promise<Partial<SshSettings>>, RegExp, RegExp])[] = [
    ['nothing', async () => ({ key: null }), /^nothing to log in with: no key, no agent and no pass/, /set key, passw/],
    [
      'no such key',
      async () => ({ key: '/no/key' }),
      /^private key: cannot read \/no\/key: .*ENOENT/,
      /correct \[ssh\]/,
    ],
    [
      'an encrypted key without a passphrase',
      async () => ({ key: encrypted.file }),
      /^private key: .* is encrypted, and there is no passphrase for it$/,
      /set keypassphrasefile .* ssh-add/,
    ],
    [
      'another passphrase',
      async () => ({ key: encrypted.file, keyPassphraseFile: await secret('another 7414') }),
      /^private key: the passphrase does not fit /,
      /keypassphrasefile/,
    ],
    ['a public key', async () => ({ key: `${key.file}.pub` }), /^private key: .*/, /./],
    [
      'a key that others may read',
      async () => {
        const open = await makeKey(directory, 'open');
        await chmod(open.file, 0o644);
        return { key: open.file };
      },
      /^private key: .*\/open is not used, since others may read it \(0644\)$/,
      /^chmod 600 .*\/open$/,
    ],
    [
      'a password that others may read',
      async () => {
        const file = await writeSecret(directory, 'open-password', passwords.admin);
        await chmod(file, 0o640);
        return { passwordFile: file };
      },
      /^passwordfile: .* is not used, since others may read it \(0640\)$/,
      /^chmod 600 /,
    ],
    [
      'an empty password for sudo',
      async () => ({ sudoPasswordFile: await writeSecret(directory, 'empty', '\n') }),
      /^sudopasswordfile: the first line of .* is empty$/,
      /./,
    ],
    [
      'known hosts that are not there',
      async () => ({ knownHosts: ['/no/hosts'] }),
      /^known hosts: cannot read \/no\/hosts: .*ENOENT/,
      /correct knownhosts/,
    ],
  ];
  for (const [name, changes, message, remedy] of impossible) {
    it(`is not even tried: ${name}`, async () => {
      const fault = await refusal(await changes());
      assert.equal(fault.code, 'login-impossible');
      assert.match(fault.message, message);
      assert.match(fault.remedy, remedy);
      assert.doesNotMatch(JSON.stringify(fault), /7411|7413|7414/);
    });
  }

  describe('the key of the host', () => {
    const first = () => server.hostKeys[0] ?? '';
    const hosts = (name: string, ...lines: readonly string[]) => knownHosts(directory, name, lines);

    it('is known hashed', async () => {
      const file = await hosts('hashed', ...linesOf(server));
      await promisify(execFile)('ssh-keygen', ['-q', '-H', '-f', file]);
      await assertIn({ knownHosts: [file] });
    });
    it('is known by ssh-keyscan', async () => {
      const { stdout } = await promisify(execFile)('ssh-keyscan', ['-H', '-p', String(server.port), '127.0.0.1']);
      await assertIn({ knownHosts: [await hosts('scanned', stdout)] });
    });
    for (const index of [0, 1, 2]) {
      it(`is asked for by the type that is known, of several: the ${index + 1}.`, async () => {
        await assertIn({ knownHosts: [await hosts(`one-${index}`, linesOf(server)[index] ?? '')] });
      });
    }
    it('is in the second file', async () => {
      await assertIn({ knownHosts: [await hosts('none'), ...settings.knownHosts] });
    });

    it('is unknown', async () => {
      const file = await hosts('nobody', `@cert-authority * ${first()}`);
      const fault = await refusal({ knownHosts: [file] });
      assert.equal(fault.code, 'host-key-unknown');
      const print = fingerprint(Buffer.from(first().split(' ')[1] ?? '', 'base64'));
      assert.equal(
        fault.message,
        `root@[127.0.0.1]:${server.port}: its key ssh-ed25519 ${print} is in none of ${file}; @cert-authority in ${file}:1 is not supported`,
      );
      assert.ok(fault.remedy.endsWith(`ssh-keyscan -p ${server.port} 127.0.0.1 >> ${file}`), fault.remedy);
    });
    it('differs', async () => {
      const [, wrong = ''] = stranger.line.split(' ');
      const file = await hosts('wrong', `[127.0.0.1]:${server.port} ssh-ed25519 ${wrong}`);
      const fault = await refusal({ knownHosts: [file] });
      assert.equal(fault.code, 'host-key-differs');
      const prints = [first().split(' ')[1] ?? '', wrong].map((text) => fingerprint(Buffer.from(text, 'base64')));
      assert.equal(
        fault.message,
        `root@[127.0.0.1]:${server.port}: it shows the key ssh-ed25519 ${prints[0]}; known is ssh-ed25519 ${prints[1]} (${file}:1)`,
      );
      assert.match(fault.remedy, /another machine may pretend .*ssh-keygen -R '\[127\.0\.0\.1\]:\d+' -f /);
    });
    it('is revoked', async () => {
      const file = await hosts('revoked', ...linesOf(server), `@revoked * ${first()}`);
      const fault = await refusal({ knownHosts: [file] });
      assert.equal(fault.code, 'host-key-differs');
      assert.match(fault.message, /, which .*\/revoked:4 revokes$/);
    });
    it('is looked at before anything is shown to the server', async () => {
      const before = server.log().length;
      await refusal({ user: 'admin', passwordFile: await secret(passwords.admin), knownHosts: [await hosts('empty')] });
      assert.doesNotMatch(server.log().slice(before), /admin/);
    });
  });
});

describe('logging in where the server asks', { skip: loginSshdMissing }, () => {
  it('for the password', async (t) => {
    const directory = await temporaryDirectory(t);
    const server = await startLoginSshd({
      authorized: [],
      settings: ['UsePAM yes', 'AuthenticationMethods keyboard-interactive'],
    });
    t.after(() => server.close());
    const settings: SshSettings = {
      ...usual,
      port: server.port,
      user: 'admin',
      knownHosts: [await knownHosts(directory, 'known', linesOf(server))],
      passwordFile: await writeSecret(directory, 'password', passwords.admin),
    };
    const result = await once(settings, 'id -un');
    assert.deepEqual(result, { ok: true, status: 0, stdout: 'admin\n', stderr: '' }, server.log());
    const fault = faultOf(await once({ ...settings, passwordFile: await writeSecret(directory, 'no', 'no') }, 'id'));
    assert.match(
      fault.message,
      /login: refused; the server takes keyboard-interactive; tried: the password, as an answer$/,
    );
  });

  it('for a key and the password', async (t) => {
    const directory = await temporaryDirectory(t);
    const key = await makeKey(directory, 'key');
    const server = await startLoginSshd({
      authorized: [key.line],
      settings: ['AuthenticationMethods publickey,password'],
    });
    t.after(() => server.close());
    const settings: SshSettings = {
      ...usual,
      port: server.port,
      user: 'admin',
      key: key.file,
      knownHosts: [await knownHosts(directory, 'known', linesOf(server))],
    };
    const passwordFile = await writeSecret(directory, 'password', passwords.admin);
    const result = await once({ ...settings, passwordFile }, 'id -un');
    assert.deepEqual(result, { ok: true, status: 0, stdout: 'admin\n', stderr: '' }, server.log());
    const fault = faultOf(await once(settings, 'id -un'));
    assert.match(fault.message, /login: refused; the server takes password; tried: the key /);
  });
});
