/**
 * A network of this test's own: this thread, and what it starts from now on, leaves the machine's network for an
 * empty one, with a loopback that is up. For tests that change settings of the kernel, routes or links.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, writeFileSync } from 'node:fs';
import koffi from 'koffi';
import { until } from './deadline.js';
import { lacks } from './programs.js';

const newNetwork = 0x4000_0000;

/** False where this thread has its own network now; otherwise why a test that needs it is skipped. */
export function ownNetwork(): string | false {
  const missing = lacks('ip');
  if (missing !== false) return missing;
  const unshare = koffi.load(null).func('int unshare(int flags)') as (flags: number) => number;
  if (unshare(newNetwork) !== 0) return 'no permission for a network of its own';
  ip('link set lo up');
  return false;
}

export function ip(command: string): string {
  return execFileSync('ip', command.split(' '), { encoding: 'utf8' });
}

/** Gives the loopback an IPv6 address, which the kernel puts to use some time after it has taken it. */
export async function addLoopbackAddress(address: string): Promise<void> {
  ip(`addr replace ${address}/128 dev lo nodad`);
  const isLocal = () => ip('-6 route show table local').includes(`local ${address} `);
  const isReady = () => ip('-6 addr show dev lo -tentative').includes(` ${address}/128 `);
  await until(`${address} is there`, () => isReady() && isLocal());
}

/** Sets what is below /proc/sys/net, as `ipv4/icmp_echo_ignore_all`, for this thread's network. */
export function setNetwork(name: string, value: string | number): void {
  writeFileSync(`/proc/sys/net/${name}`, `${value}\n`);
}

/** Another machine, as far as the network goes, on the far end of a link of ours. */
export interface Neighbour {
  /** Runs a command of a shell there; gives what it prints. */
  readonly run: (command: string) => string;
  readonly stop: () => Promise<void>;
}

/** The near end of the link and the far one get these names, and addresses with a prefix length. */
export async function neighbour(
  near: string,
  far: string,
  addresses: readonly (readonly [string, string])[],
): Promise<Neighbour> {
  const child = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const own = readlinkSync('/proc/thread-self/ns/net');
  await until('the neighbour has its own network', () => readlinkSync(`/proc/${child.pid}/ns/net`) !== own);
  const run = (command: string): string =>
    execFileSync('nsenter', [`--net=/proc/${child.pid}/ns/net`, 'sh', '-ec', command], { encoding: 'utf8' });
  // An address counts at once, without a look for who else has it.
  setNetwork('ipv6/conf/default/accept_dad', 0);
  run('echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad');
  ip(`link add ${near} type veth peer name ${far} netns ${child.pid}`);
  for (const [here, there] of addresses) {
    ip(`addr add ${here} dev ${near}`);
    run(`ip addr add ${there} dev ${far}`);
  }
  run(`ip link set lo up; ip link set ${far} up`);
  ip(`link set ${near} up`);
  const ready = '-6 -o addr show scope link -tentative dev';
  await until('both ends have an address on the link', () => {
    return ip(`${ready} ${near}`).includes('fe80') && run(`ip ${ready} ${far}`).includes('fe80');
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { run, stop };
}
