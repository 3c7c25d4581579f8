/** Networks of namespaces. The director is the guest itself; what a test builds goes with it. */

import { writeFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { ip, run, runIn } from './command.js';

export type Method = 'nat' | 'dr' | 'tun';

export const virtualAddress = '172.20.0.24';
export const directorAddress = '192.168.1.1';
/** Two real servers, each in a namespace of its name. */
export const realAddresses = { rs1: '192.168.1.16', rs2: '192.168.1.8' } as const;
export type RealName = keyof typeof realAddresses;

const realNames: readonly RealName[] = ['rs1', 'rs2'];

/**
 * The three networks of the LVS documentation: `client` before the director, `rs1` and `rs2` behind it, and what
 * each forwarding method asks of the real servers. The director is their router.
 */
export async function buildNetwork(t: TestContext, method: Method): Promise<void> {
  await buildBareNetwork(t);
  await setKernel('net/ipv4/ip_forward', 1);
  // Direct routing and tunnelling bring the virtual address in as a source, by way of the director.
  for (const device of ['all', 'default', 'front', 'back']) await setKernel(`net/ipv4/conf/${device}/rp_filter`, 0);
  await setKernel('net/ipv4/conf/all/accept_local', 1);
  if (method !== 'nat') for (const name of realNames) await takeVirtualAddress(name, method);
}

/** The same as an administrator finds it: links, addresses and routes. */
export async function buildBareNetwork(t: TestContext): Promise<void> {
  for (const name of ['client', ...realNames]) await addNamespace(t, name);
  await addBridge(t, 'front', ['172.20.0.1/16', `${virtualAddress}/32`]);
  await addBridge(t, 'back', [`${directorAddress}/24`]);
  await plug('client', 'front', '172.20.0.10/16');
  for (const name of realNames) {
    await plug(name, 'back', `${realAddresses[name]}/24`);
    await ip(`route add default via ${directorAddress}\n`, name);
  }
}

/** A server answers for the virtual address, but not to ARP. */
async function takeVirtualAddress(namespace: string, method: 'dr' | 'tun'): Promise<void> {
  const quiet = ['all', 'lo'].flatMap((device) => [
    `net.ipv4.conf.${device}.arp_ignore=1`,
    `net.ipv4.conf.${device}.arp_announce=2`,
  ]);
  const lenient = ['all', 'default', 'eth0'].map((device) => `net.ipv4.conf.${device}.rp_filter=0`);
  await runIn(namespace, 'sysctl', '-qw', ...quiet, ...lenient);
  if (method === 'dr') {
    await ip(`addr add ${virtualAddress}/32 dev lo\n`, namespace);
    return;
  }
  await run('modprobe', 'ipip');
  await ip(`link set tunl0 up\naddr add ${virtualAddress}/32 dev tunl0\n`, namespace);
  await runIn(namespace, 'sysctl', '-qw', 'net.ipv4.conf.tunl0.rp_filter=0');
}

/** A namespace with its loopback up. */
export async function addNamespace(t: TestContext, name: string): Promise<void> {
  await run('ip', 'netns', 'add', name);
  t.after(async () => {
    // The device would go with the namespace, but only some time after the last process in there has gone.
    await run('ip', 'link', 'delete', devicesName(name)).catch(() => {});
    await run('ip', 'netns', 'delete', name);
  });
  await ip('link set lo up\n', name);
}

export async function addBridge(t: TestContext, name: string, addresses: readonly string[]): Promise<void> {
  const own = addresses.map((address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}\n`);
  await ip(`link add ${name} type bridge\nlink set ${name} up\n${own.join('')}`);
  t.after(() => run('ip', 'link', 'delete', name));
}

/** The namespace's `eth0`, at the bridge. */
export async function plug(namespace: string, bridge: string, ...addresses: readonly string[]): Promise<void> {
  const device = devicesName(namespace);
  await ip(`link add ${device} type veth peer name eth0 netns ${namespace}\nlink set ${device} master ${bridge} up\n`);
  const own = addresses.map((address) => `addr add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}\n`);
  await ip(`${own.join('')}link set eth0 up\n`, namespace);
}

/** The director's end of a namespace's cable. */
function devicesName(namespace: string): string {
  return `to-${namespace}`;
}

async function setKernel(name: string, value: number): Promise<void> {
  await writeFile(`/proc/sys/${name}`, String(value));
}
