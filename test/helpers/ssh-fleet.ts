/** Many machines of their own, each with a network, an sshd and a user who becomes root by sudo, at one segment with us. */

import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { until } from './deadline.js';
import { ip } from './own-network.js';
import { Program } from './process.js';
import { lacks } from './programs.js';
import { loginSshdMissing, pam, passwords, type SudoRule, sudoersText } from './servers/login-sshd.js';
import { usersFiles } from './servers/own-system.js';

const run = promisify(execFile);
const patience = 120_000;

export const sshFleetMissing: string | false = loginSshdMissing || lacks('unshare') || lacks('nsenter') || lacks('ip');

export interface FleetMachine {
  readonly address: string;
  /** Runs a command of a shell there; gives what it prints. */
  run(command: string): Promise<string>;
}

export interface SshFleet {
  readonly machines: readonly FleetMachine[];
  /** Lines of `[ssh]` in the settings, with which `admin` is let in. */
  readonly settings: readonly string[];
}

/** This thread has a network of its own by now. The machines end with the test. */
export async function startSshFleet(t: TestContext, folder: string, count: number, sudo: SudoRule): Promise<SshFleet> {
  const [host, user, etc] = [join(folder, 'host'), join(folder, 'user'), join(folder, 'etc')];
  for (const file of [host, user]) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  // Its users have their home there.
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'home'));
  await mkdir(join(folder, 'lectured'));
  const users = [{ name: 'sshd' }, { name: 'admin', password: passwords.admin }];
  const files = {
    ...usersFiles(users, { directory: folder }),
    hosts: '127.0.0.1 localhost\n',
    'pam.d/sudo': pam,
    sudoers: sudoersText(folder, sudo),
    sshd_config: `HostKey ${host}\nAuthorizedKeysFile ${user}.pub\nListenAddress 0.0.0.0:22\nStrictModes no\nUsePAM no\nUseDNS no\nPidFile none\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(etc, name)), { recursive: true });
    await writeFile(join(etc, name), text);
  }
  const addresses = Array.from({ length: count }, (_, index) => `10.9.${Math.floor(index / 250)}.${1 + (index % 250)}`);
  const key = (await readFile(`${host}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const known = join(folder, 'known_hosts');
  await writeFile(known, addresses.map((address) => `${address} ${key}\n`).join(''));

  await run('ip', ['link', 'delete', 'fleet']).catch(() => {});
  ip('link add fleet type bridge');
  ip('addr add 10.9.255.254/16 dev fleet');
  ip('link set fleet up');
  t.after(() => run('ip', ['link', 'delete', 'fleet']));
  const script = `mount --bind ${etc} /etc
mount -t tmpfs none /run
mkdir /run/sshd
ip link set lo up
echo born
read -r address
ip addr add $address/16 dev eth0
ip link set eth0 up
exec /usr/sbin/sshd -D -e -f /etc/sshd_config`;
  const machines = addresses.map((address) => {
    return { address, program: new Program(t, 'unshare', ['--net', '--mount', 'sh', '-ec', script]) };
  });
  for (const [index, { address, program }] of machines.entries()) {
    await program.line(/^born$/);
    ip(`link add fleet${index} type veth peer name eth0 netns ${program.child.pid}`);
    ip(`link set fleet${index} master fleet up`);
    program.child.stdin.write(`${address}\n`);
  }
  for (const { program } of machines) {
    await until('sshd listens', () => program.text.includes('Server listening on 0.0.0.0'), patience);
  }
  return {
    settings: ['user=admin', `key=${user}`, 'agent=no', `knownhosts=${known}`, 'timeout=60'],
    machines: machines.map(({ address, program: { child } }) => ({
      address,
      run: async (command) => (await run('nsenter', [`--net=/proc/${child.pid}/ns/net`, 'sh', '-ec', command])).stdout,
    })),
  };
}
