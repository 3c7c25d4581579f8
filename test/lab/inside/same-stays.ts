/** Whether persistence holds clients to the servers that the kernel holds them to, by the same walk. */

import assert from 'node:assert/strict';
import type { Operation } from '../../../src/ipvs/backend.js';
import type { KernelClient } from '../../../src/ipvs/kernel/client.js';
import { destinationKey } from '../../../src/ipvs/table.js';
import { Lease } from '../../../src/ipvs/userspace/lease.js';
import type { AddressedService } from '../../../src/ipvs/userspace/listener.js';
import type { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';
import type { Stay } from '../../../src/ipvs/userspace/persistence.js';
import { StayShare } from '../../../src/ipvs/userspace/persistence.js';
import { DestinationPool } from '../../../src/ipvs/userspace/pool.js';
import { createScheduler } from '../../../src/ipvs/userspace/schedulers/by-name.js';
import { newCounts } from '../../helpers/counts.js';
import { setNetwork } from '../../helpers/own-network.js';
import { seeded } from '../../helpers/random.js';
import { destinationAt } from '../../ipvs/conformance/fixture.js';
import { leadOut, PacketClients } from './packet-clients.js';
import type { Walk } from './same-choices.js';
import { addressesOf } from './walked-addresses.js';

/**
 * For a network of this thread's own. Few networks of clients come again and again. Servers come, but do not leave: to
 * the kernel one that comes back is the same, here its stays ended with it. How many connections found a stay.
 */
export async function walkStays(
  kernel: KernelClient,
  { service, connections, seed }: Walk & { readonly service: AddressedService },
): Promise<number> {
  leadOut(...addressesOf.inet.networks);
  const random = seeded(seed);
  const carryOut = async (operation: Operation) => assert.deepEqual(await kernel.apply([operation]), [null]);
  const scheduler = createScheduler<LiveDestination>(service.scheduler, service.schedflags);
  assert.ok(scheduler);
  const pool = new DestinationPool(service, scheduler, connections, new StayShare(connections));
  await carryOut({ type: 'add-service', service });
  // As the balancer does it: a server of weight 0 loses its stays.
  setNetwork('ipv4/vs/expire_quiescent_template', 1);
  const packets = new PacketClients(service.family, 0);
  const stays = new Set<Stay>();
  const networks = Math.ceil(Math.sqrt(connections / 2));
  let stayed = 0;
  try {
    for (let asked = 0; asked < connections; asked++) {
      if (asked % Math.ceil(connections / 50) === 0) {
        const identity = { address: addressesOf.inet.server(random(6)), port: 80 };
        const upperThreshold = random(3) === 0 ? asked + 1 : 0;
        const destination = destinationAt(identity, { weight: random(4), upperThreshold });
        const type = pool.destinations.has(destinationKey(identity)) ? 'edit-destination' : 'add-destination';
        await carryOut({ type, service, destination });
        if (type === 'edit-destination') pool.change(destination);
        else pool.add(destination, newCounts());
      }
      const network = `10.${64 + random(networks)}.${random(networks)}`;
      const from = { address: `${network}.${1 + random(250)}`, port: 1024 + asked };
      const theirs = packets.send(from, service, 'syn');
      const choice = pool.choose(from);
      assert.equal(theirs && destinationKey(theirs), choice && destinationKey(choice.destination), `choice ${asked}`);
      if (!choice) continue;
      const lease: Lease = new Lease(choice, 'active', () => lease.release());
      assert.ok(choice.stay);
      if (stays.has(choice.stay)) stayed++;
      stays.add(choice.stay);
    }
  } finally {
    packets.close();
    for (const _ of pool.clear());
  }
  return stayed;
}
