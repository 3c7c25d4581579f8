/** The network interfaces of this machine: which one an address is at, and how each is set. */

import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

export interface DeviceSettings {
  readonly acceptLocal: number | null;
  readonly reverseFilter: number | null;
}

/** By the addresses of this machine, without zones. */
export function devicesByAddress(): ReadonlyMap<string, string> {
  const devices = new Map<string, string>();
  for (const [label, addresses] of Object.entries(networkInterfaces())) {
    // An address can have a label, `eth0:1`, which is no interface.
    const [device = label] = label.split(':');
    for (const { address } of addresses ?? []) if (!devices.has(address)) devices.set(address, device);
  }
  return devices;
}

/** As they count for an interface, by ip-sysctl of the kernel's manual: with those of all. Null stands for what cannot be read. */
export async function readDeviceSettings(
  device: string,
  directory = '/proc/sys/net/ipv4/conf',
): Promise<DeviceSettings> {
  const read = async (name: string): Promise<number | null> => {
    try {
      const texts = await Promise.all(['all', device].map((one) => readFile(`${directory}/${one}/${name}`, 'utf8')));
      // One is enough for accept_local; of rp_filter the greater counts.
      return Math.max(...texts.map(Number));
    } catch {
      return null;
    }
  };
  const [acceptLocal, reverseFilter] = await Promise.all([read('accept_local'), read('rp_filter')]);
  return { acceptLocal, reverseFilter };
}
