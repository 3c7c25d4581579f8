/** An sshd in a namespace, and what logs in to it. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Program } from '../../helpers/process.js';
import { run } from './command.js';
import { eventually } from './eventually.js';

export interface SshKeys {
  /** Of the host, and of whoever logs in; public ones end with `.pub`. */
  readonly host: string;
  readonly user: string;
  /** A host key that no server has. */
  readonly other: string;
  readonly folder: string;
}

export async function makeKeys(folder: string): Promise<SshKeys> {
  const keys = { host: join(folder, 'host'), user: join(folder, 'user'), other: join(folder, 'other'), folder };
  for (const file of [keys.host, keys.user, keys.other]) {
    await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file);
  }
  await writeFile(join(folder, 'authorized_keys'), await readFile(`${keys.user}.pub`));
  // Privileges are separated there.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  return keys;
}

/** Lines of known_hosts(5): what is believed to be the key of these. */
export async function knownHosts(addresses: readonly string[], key: string): Promise<string> {
  const [type = '', value = ''] = (await readFile(`${key}.pub`, 'utf8')).split(' ');
  return addresses.map((address) => `${address} ${type} ${value}\n`).join('');
}

export interface SshServer {
  stop(): Promise<void>;
}

/** Runs in a namespace, with the host key; settles once it listens. */
export async function startSshd(t: TestContext, namespace: string, keys: SshKeys): Promise<SshServer> {
  const file = join(keys.folder, `${namespace}.conf`);
  const pid = join(keys.folder, `${namespace}.pid`);
  await writeFile(
    file,
    `Port 22
HostKey ${keys.host}
AuthorizedKeysFile ${join(keys.folder, 'authorized_keys')}
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile ${pid}
# A shell under sshd reads what root has at home, which is none of a test's business and can take seconds.
SetEnv HOME=${keys.folder}
`,
  );
  await rm(pid, { force: true });
  const sshd = new Program(t, 'ip', ['netns', 'exec', namespace, '/usr/sbin/sshd', '-D', '-e', '-f', file]);
  await eventually('sshd listens', () => sshd.text.includes('Server listening on 0.0.0.0'));
  return {
    async stop() {
      if (sshd.child.exitCode === null && sshd.child.pid !== undefined) process.kill(sshd.child.pid, 'SIGTERM');
      await sshd.exit;
    },
  };
}
