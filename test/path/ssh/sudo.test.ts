import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import type { ShellResult } from '../../../src/path/shell.js';
import { until } from '../../helpers/deadline.js';
import { alive, withoutLeaks } from '../../helpers/leaks.js';
import {
  type LoginSshd,
  type LoginSshdSpec,
  loginSshdMissing,
  makeKey,
  passwords,
  startLoginSshd,
  writeSecret,
} from '../../helpers/servers/login-sshd.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { ample, faultOf, knownHosts, linesOf, once, opened, usual } from './scene.js';

interface Scene {
  readonly server: LoginSshd;
  readonly directory: string;
  readonly settings: SshSettings;
}

async function scene(
  context: { after(release: () => Promise<void>): void },
  spec: Partial<LoginSshdSpec> = {},
): Promise<Scene> {
  const directory = await temporaryDirectory(context);
  const key = await makeKey(directory, 'key');
  const server = await startLoginSshd({ authorized: [key.line], ...spec });
  context.after(() => server.close());
  const known = await knownHosts(directory, 'known', linesOf(server));
  return {
    server,
    directory,
    settings: { ...usual, user: 'admin', port: server.port, key: key.file, knownHosts: [known] },
  };
}

const asRoot = { asRoot: true };
const root = { ok: true, status: 0, stdout: 'root\n', stderr: '' };

describe('as root, by sudo with a password', { skip: loginSshdMissing }, () => {
  const releases: (() => Promise<void>)[] = [];
  let its: Scene;
  let right: string;
  before(async () => {
    its = await scene({ after: (release) => releases.unshift(release) }, { sudoDefaults: ['lecture=always'] });
    right = await writeSecret(its.directory, 'right', `${passwords.admin}\n`);
  });
  after(async () => {
    for (const release of releases) await release();
  });
  const run = (changes: Partial<SshSettings>, script = 'id -un', options: Parameters<typeof once>[2] = asRoot) =>
    withoutLeaks(() => once({ ...its.settings, ...changes }, script, options));

  it('with the right one, and nothing of what sudo says is in its output', async () => {
    assert.deepEqual(await run({ sudoPasswordFile: right }), root, its.server.log());
  });

  it('gives the script nothing of it', async () => {
    const result = await run({ sudoPasswordFile: right }, 'cat; cat <&0; env; cat /proc/$$/cmdline | tr "\\0" "\\n"');
    assert.ok(result.ok && result.status === 0, JSON.stringify(result));
    assert.match(result.stdout, /PATH=/);
    assert.doesNotMatch(JSON.stringify(result), /correct-horse/);
  });

  it('does not give the shell the password where sudo wants none any more', async () => {
    const machines = await opened({ ...its.settings, sudoPasswordFile: right });
    const shell = machines.shell({ address: '127.0.0.1', names: [] });
    for (const word of ['first', 'second', 'third']) {
      const result = await shell.run(`echo ${word}; cat`, { deadline: ample, asRoot: true });
      assert.deepEqual(result, { ok: true, status: 0, stdout: `${word}\n`, stderr: '' });
    }
    await machines.close();
  });

  it('not where nobody needs to be root', async () => {
    const result = await run({}, 'id -un', {});
    assert.ok(result.ok && result.stdout === 'admin\n', JSON.stringify(result));
  });

  it('root needs none', async () => assert.deepEqual(await run({ user: 'root' }), root));

  const refusals: readonly (readonly [string, Partial<SshSettings>, string | null, RegExp, RegExp])[] = [
    ['without one', {}, null, /: sudo wants a password$/, /^set sudopasswordfile, or give the user a line/],
    ['with another one', {}, 'wrong-7415', /: sudo does not take the password$/, /^put the password of this user/],
    ['with an endless one', {}, 'x'.repeat(2000), /: sudo (does not take|ended)/, /./],
    [
      'for a user whom sudo does not know',
      { user: 'other' },
      passwords.other,
      /: sudo does not let this user run \/bin\/sh as root: other is not in the sudoers file\.$/,
      /sudoers\(5\)$/,
    ],
  ];
  for (const [name, changes, password, message, remedy] of refusals) {
    it(`not ${name}`, async () => {
      const file = password === null ? null : await writeSecret(its.directory, `pw-${password.length}`, password);
      const fault = faultOf(await run({ ...changes, sudoPasswordFile: file }));
      assert.equal(fault.code, 'sudo-refused');
      assert.match(fault.message, message);
      assert.match(fault.remedy, remedy);
      if (password !== null) assert.ok(!JSON.stringify(fault).includes(password));
    });
  }

  it('not for a user whose shell runs nothing', async () => {
    const fault = faultOf(await run({ user: 'nobody' }));
    assert.equal(fault.code, 'login-impossible');
    assert.match(fault.message, /: no shell began, exit status 1: This account is currently not available\.$/);
  });

  it('what is root’s ends with who waits for it, too', async () => {
    const machines = await opened({ ...its.settings, sudoPasswordFile: right });
    const shell = machines.shell({ address: '127.0.0.1', names: [] });
    const file = `${its.directory}/pid`;
    const fault = faultOf(
      await shell.run(`sh -c 'echo $$ >${file}; sleep 300; true'; true`, { deadline: 5000, asRoot: true }),
    );
    assert.equal(fault.code, 'timed-out');
    const read = await shell.run(`cat ${file}`, { deadline: ample, asRoot: true });
    // Where the machine is that busy, it may not have begun.
    const pid = read.ok ? Number(read.stdout) : 0;
    if (pid > 0) await until('it has ended', () => !alive(pid));
    await machines.close();
  });
});

describe('as root on this machine, for a user who is not', { skip: loginSshdMissing }, () => {
  it('goes by sudo, and is told by its refusals', async (t) => {
    // All of them have one parent, by which sudo may remember that the password was right.
    const { server, settings } = await scene(t, { sudoDefaults: ['timestamp_timeout=0'] });
    const here = new URL('../../../src/path/here.js', import.meta.url).href;
    // Loaded as root: the user may not be able to read it.
    const program = `
      import { openHere } from ${JSON.stringify(here)};
      const [password, uid] = process.argv.slice(1);
      process.setgid(Number(uid));
      process.setuid(Number(uid));
      const options = { deadline: ${ample}, asRoot: true };
      const results = [];
      for (const given of [password, 'wrong', null]) results.push(await openHere(given).run('id -un; cat', options));
      results.push(await openHere(password).run('id -un', { ...options, asRoot: false }));
      console.log(JSON.stringify(results));`;
    // Where the server runs, sudo knows its users; a password on a command line is for this test alone.
    const command = `${process.execPath} --input-type=module -e '${program.replaceAll("'", '"')}' ${passwords.admin} "$(id -u admin)"`;
    const result = await once({ ...settings, user: 'root' }, command);
    assert.ok(result.ok && result.status === 0, `${JSON.stringify(result)}\n${server.log()}`);
    const [right, wrong, none, plain] = JSON.parse(result.stdout) as readonly ShellResult[];
    assert.deepEqual(right, root);
    assert.match(faultOf(wrong as ShellResult).message, /^this machine: sudo does not take the password$/);
    assert.match(faultOf(none as ShellResult).message, /^this machine: sudo wants a password$/);
    assert.deepEqual(plain, { ...root, stdout: 'admin\n' });
  });
});

describe('as root, by sudo of another kind', { skip: loginSshdMissing }, () => {
  const table: readonly (readonly [string, Partial<LoginSshdSpec>, boolean])[] = [
    ['without a password', { sudo: 'ALL=(root) NOPASSWD: /bin/sh' }, false],
    ['without a password, though there is one', { sudo: 'ALL=(root) NOPASSWD: /bin/sh' }, true],
    ['with a terminal of its own', { sudoDefaults: ['use_pty'] }, true],
    ['with one question alone', { sudoDefaults: ['passwd_tries=1'] }, true],
    ['with a prompt of its own', { sudoDefaults: ['passprompt="Say it: "', 'passprompt_override'] }, true],
  ];
  for (const [name, spec, isGiven] of table) {
    it(name, async (t) => {
      const { server, directory, settings } = await scene(t, spec);
      const file = isGiven ? await writeSecret(directory, 'right', passwords.admin) : null;
      assert.deepEqual(await once({ ...settings, sudoPasswordFile: file }, 'id -un', asRoot), root, server.log());
      if (!isGiven || spec.sudo !== undefined) return;
      const wrong = await writeSecret(directory, 'wrong', 'wrong-7415');
      const again = { ...settings, sudoPasswordFile: wrong };
      // Of a terminal of its own it remembers nothing, and of none, what its parent was.
      assert.match(faultOf(await once(again, 'id -un', asRoot)).message, /sudo does not take the password$/);
    });
  }

  it('with a login shell of another language', async (t) => {
    const { server, settings } = await scene(t, {
      sudo: 'ALL=(root) NOPASSWD: /bin/sh',
      settings: ['SetEnv LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8'],
    });
    const result = await once(settings, 'id -un; echo $LC_ALL', asRoot);
    assert.deepEqual(result, { ...root, stdout: 'root\nC\n' }, server.log());
  });
});
