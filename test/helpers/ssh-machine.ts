/** A machine of its own behind a link, with several addresses of 10.9.0.0/16 and an sshd at all of them. */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { until } from './deadline.js';
import { ip } from './own-network.js';
import { Program } from './process.js';
import { lacks } from './programs.js';
import { sshdMissing } from './servers/sshd.js';

const run = promisify(execFile);
const patience = 60_000;

export const sshMachineMissing: string | false = sshdMissing || lacks('ssh-keygen') || lacks('nsenter');

export const near = '10.9.255.254';

export interface SshMachine {
  /** Lines of `[ssh]` in the settings, with which it lets in. */
  readonly settings: readonly string[];
  /** Runs a command of a shell there; gives what it prints. */
  run(command: string): Promise<string>;
}

/** This thread has a network of its own by now. The machine ends with the test. */
export async function startSshMachine(
  t: TestContext,
  folder: string,
  addresses: readonly string[],
): Promise<SshMachine> {
  const [host, user] = [join(folder, 'host'), join(folder, 'user')];
  for (const file of [host, user]) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const publicKey = (await readFile(`${host}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const known = join(folder, 'known_hosts');
  await writeFile(known, addresses.map((address) => `${address} ${publicKey}\n`).join(''));
  await writeFile(join(folder, 'links'), addresses.map((address) => `addr add ${address}/16 dev far\n`).join(''));
  await writeFile(
    join(folder, 'sshd_config'),
    `HostKey ${host}
AuthorizedKeysFile ${user}.pub
ListenAddress 0.0.0.0:22
StrictModes no
UsePAM no
UseDNS no
PidFile none
SetEnv HOME=${folder}
MaxStartups 200
`,
  );
  // Where privileges are separated there has to be a folder.
  const script = `mount -t tmpfs none /run
mkdir /run/sshd
ip link set lo up
echo born
read -r wired
ip -batch ${folder}/links
ip link set far up
ip route add default via ${near}
exec /usr/sbin/sshd -D -e -f ${folder}/sshd_config`;
  const machine = new Program(t, 'unshare', ['--net', '--mount', 'sh', '-ec', script]);
  await machine.line(/^born$/);
  const { pid } = machine.child;
  // That of a machine before goes only some time after its last process.
  await run('ip', ['link', 'delete', 'near']).catch(() => {});
  ip(`link add near type veth peer name far netns ${pid}`);
  ip(`addr add ${near}/16 dev near`);
  ip('link set near up');
  machine.child.stdin.write('wired\n');
  await until('sshd listens', () => machine.text.includes('Server listening on 0.0.0.0'), patience);
  return {
    settings: [`key=${user}`, 'agent=no', `knownhosts=${known}`, 'timeout=60'],
    run: async (command) => (await run('nsenter', [`--net=/proc/${pid}/ns/net`, 'sh', '-ec', command])).stdout,
  };
}
