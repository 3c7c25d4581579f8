/** Telling neighbours anew of an address that stands here, whoever has put it here: another machine had it, too. */

import type { Publish } from '../../events.js';
import type { Family } from '../../model/config.js';
import { devicesByAddress } from '../../process/network-devices.js';
import { announceAddresses } from './announce.js';
import { RouteNetlink } from './route-netlink.js';

/** Settles when all of it has been said: three times, a second apart. Says nothing where the address does not stand here. */
export async function reclaimAddress(address: string, publish: Publish, announce = announceAddresses): Promise<void> {
  const device = devicesByAddress().get(address);
  if (device === undefined) return;
  const family: Family = address.includes(':') ? 'inet6' : 'inet';
  const routes = new RouteNetlink();
  try {
    await announce([{ family, address, device }], {
      deviceOf: (name) => routes.device(name),
      isHere: () => devicesByAddress().has(address),
      onFailure: (place, refusal) =>
        publish({ type: 'vip-unannounced', address: place.address, device: place.device, ...refusal }),
    }).over;
  } finally {
    routes.close();
  }
}
