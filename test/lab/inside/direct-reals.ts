/** Real servers for direct routing, with all that this takes of them. */

import type { TestContext } from 'node:test';
import { ip, runIn } from './command.js';
import type { Machine } from './machines.js';
import { Peer } from './peer.js';

/** Each says its name over lines of text, at the addresses of the service, of which it tells nobody. */
export async function startDirectReals(
  t: TestContext,
  reals: readonly Machine[],
  service: string,
  service6: string | null = null,
): Promise<void> {
  for (const { name } of reals) {
    await ip(`addr add ${service}/32 dev lo\n`, name);
    if (service6 !== null) await ip(`addr add ${service6}/128 dev lo nodad\n`, name);
    const quiet = ['all', 'eth0'].flatMap((device) => [
      `net.ipv4.conf.${device}.arp_ignore=1`,
      `net.ipv4.conf.${device}.arp_announce=2`,
    ]);
    await runIn(name, 'sysctl', '-qw', ...quiet);
    await Peer.start(t, name, 'line-server', name, '80');
  }
}
