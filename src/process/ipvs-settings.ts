/** Settings of the kernel's IPVS, as sysctl shows them: net.ipv4.vs.NAME. */

import { readFile } from 'node:fs/promises';

export interface IpvsSettings {
  readonly expireQuiescentTemplate: string | null;
  readonly expireNodestConn: string | null;
  readonly conntrack: string | null;
}

/** Null stands for a setting that the kernel does not have; without IPVS it has none. */
export async function readIpvsSettings(directory = '/proc/sys/net/ipv4/vs'): Promise<IpvsSettings> {
  const read = (name: string): Promise<string | null> =>
    readFile(`${directory}/${name}`, 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
  return {
    expireQuiescentTemplate: await read('expire_quiescent_template'),
    expireNodestConn: await read('expire_nodest_conn'),
    conntrack: await read('conntrack'),
  };
}
