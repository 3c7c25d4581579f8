/** Machines that are namespaces of one guest, each at the segments that are its links, and what can become of them. */

import type { TestContext } from 'node:test';
import { ip, run } from './command.js';

export interface Machine {
  readonly name: string;
  /** `eth0` first: the segment that it is at, and its addresses there. */
  readonly links: readonly (readonly [segment: string, ...addresses: string[]])[];
  readonly gateway?: string;
  /** Whether it forwards what is for others, as routers do. */
  readonly isRouter?: true;
}

/** Each machine is a namespace of its name, each segment a bridge. Everything goes with the test. */
export async function buildMachines(t: TestContext, machines: readonly Machine[]): Promise<void> {
  const segments = new Set(machines.flatMap(({ links }) => links.map(([segment]) => segment)));
  for (const segment of segments) {
    await ip(`link add ${segment} type bridge\nlink set ${segment} up\n`);
    t.after(() => run('ip', 'link', 'delete', segment));
  }
  for (const { name, links, gateway, isRouter } of machines) {
    await run('ip', 'netns', 'add', name);
    t.after(() => run('ip', 'netns', 'delete', name));
    await ip('link set lo up\n', name);
    for (const [index, [segment, ...addresses]] of links.entries()) {
      const device = deviceName(name, index);
      await ip(
        `link add ${device} type veth peer name eth${index} netns ${name}\nlink set ${device} master ${segment} up\n`,
      );
      t.after(() => run('ip', 'link', 'delete', device).catch(() => {}));
      await ip(
        `${addresses.map((address) => `addr add ${address} dev eth${index}${address.includes(':') ? ' nodad' : ''}\n`).join('')}link set eth${index} up\n`,
        name,
      );
    }
    if (gateway !== undefined) await ip(`route add default via ${gateway}\n`, name);
    if (isRouter) await run('ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }
}

/** The cable of a machine's `ethN` is out, or in again. */
export async function setCable(name: string, index: number, isIn: boolean): Promise<void> {
  await ip(`link set ${deviceName(name, index)} ${isIn ? 'up' : 'down'}\n`);
}

/** As a machine dies whose power goes: nobody hears a word of it any more, and none of its processes has a last one. */
export async function powerOff({ name, links }: Machine): Promise<void> {
  await ip(links.map((_, index) => `link set ${deviceName(name, index)} down\n`).join(''));
  for (const pid of await processesOf(name)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone along with another.
    }
  }
}

/** Whoever runs in the machine's network. */
export async function processesOf(name: string): Promise<readonly number[]> {
  const pids = (await run('ip', 'netns', 'pids', name)).split('\n');
  return pids.filter((pid) => pid !== '').map(Number);
}

/** The segment's end of a cable. */
function deviceName(name: string, index: number): string {
  return `${name}-${index}`;
}
