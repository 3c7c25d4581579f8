/** While scripts run, and while logins fail, nobody on either machine can see a secret: the same machine is both here. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import type { ShellResult } from '../../../src/path/shell.js';
import { loginSshdMissing, makeKey, passwords, startLoginSshd, writeSecret } from '../../helpers/servers/login-sshd.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { knownHosts, linesOf, once, usual } from './scene.js';

const passphrase = 'open-sesame-7421';
const wrong = 'wrong-password-7422';
const scripted = 'word-of-a-script-7423';
const secrets = [passwords.admin, passphrase, wrong, scripted];

it('no secret is in a command line, an environment, an output or the log', { skip: loginSshdMissing }, async (t) => {
  const directory = await temporaryDirectory(t);
  const key = await makeKey(directory, 'key', passphrase);
  const server = await startLoginSshd({ authorized: [key.line], settings: ['LogLevel DEBUG3'] });
  t.after(() => server.close());
  const settings: SshSettings = {
    ...usual,
    user: 'admin',
    port: server.port,
    knownHosts: [await knownHosts(directory, 'known', linesOf(server))],
  };
  const file = async (text: string) => writeSecret(directory, `file-${secrets.indexOf(text)}`, text);
  const byKey = { ...settings, key: key.file, keyPassphraseFile: await file(passphrase) };
  const byPassword = { ...settings, passwordFile: await file(passwords.admin) };
  const sudoPasswordFile = await file(passwords.admin);
  // Before the first of the work: it must not find a file half written.
  const wrongFile = await file(wrong);
  const script = `secret=${scripted}; sleep 1; sh -c 'sleep 1'; id -un`;
  const asRoot = { asRoot: true };

  const work: Promise<ShellResult>[] = [
    once({ ...byKey, sudoPasswordFile }, script, asRoot),
    once({ ...byPassword, sudoPasswordFile }, script, asRoot),
    once(byPassword, script),
    once({ ...byPassword, sudoPasswordFile: wrongFile }, script, asRoot),
    once({ ...byKey, keyPassphraseFile: wrongFile }, script),
    once({ ...settings, passwordFile: wrongFile }, script),
  ];
  const all = Promise.all(work);
  let isDone = false;
  void all.finally(() => {
    isDone = true;
  });
  let looks = 0;
  while (!isDone) {
    await assertHidden();
    looks += 1;
    await setImmediate();
  }
  const results = await all;
  assert.ok(looks > 1);
  assert.deepEqual(
    results.map((result) => (result.ok ? result.stdout : result.fault.code)),
    ['root\n', 'root\n', 'admin\n', 'sudo-refused', 'login-impossible', 'login-refused'],
    server.log(),
  );
  for (const secret of secrets) {
    assert.ok(!JSON.stringify(results).includes(secret), secret);
    assert.ok(!server.log().includes(secret), secret);
  }
});

async function assertHidden(): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const name of ['cmdline', 'environ']) {
      const text = await readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
      for (const secret of secrets) assert.ok(!text.includes(secret), `${name} of ${text.split('\0')[0]}: ${secret}`);
    }
  }
}
