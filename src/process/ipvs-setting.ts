/** Settings of the kernel's IPVS, as sysctl shows them. */

import { readFile } from 'node:fs/promises';

/** The value of net.ipv4.vs.NAME; null where the kernel has no such setting, or no IPVS at all. */
export async function readIpvsSetting(name: string, directory = '/proc/sys/net/ipv4/vs'): Promise<string | null> {
  try {
    return (await readFile(`${directory}/${name}`, 'utf8')).trim();
  } catch {
    return null;
  }
}
