/** What is to be said about a configuration where the balancer of this process serves it, and not the kernel. */

import type { Diagnostic } from '../../config/diagnostics/diagnostics.js';
import { type DestinationIdentity, destinationKey, serviceKey } from '../../ipvs/table.js';
import {
  describeLoop,
  type IsLocal,
  isEverywhere,
  loopThrough,
  ownAddresses,
  type Way,
} from '../../ipvs/userspace/loops.js';
import type { Config, SectionSpan, Server, Virtual } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import type { Work } from '../../slices.js';
import { destinationOf, serviceOf } from '../desired.js';

/**
 * A service that ends at itself is an error: one connection would take every descriptor that there is. An address
 * that is not here can be on its way, so it is a warning. What has no address yet is not judged.
 */
export function* adviseOnBalancer(config: Config, isLocal: IsLocal = ownAddresses()): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  const ways = yield* waysOf(config.virtuals);
  for (const virtual of config.virtuals) {
    const service = listeningOf(virtual);
    if (service === null) continue;
    for (const [server, place] of serversOf(virtual)) {
      const destination = destinationOf(virtual, server);
      if (destination === null) continue;
      const loop = loopThrough(ways, service, destination, isLocal);
      if (loop)
        found.push({
          severity: 'error',
          code: 'loop',
          message: describeLoop(destination, loop),
          span: spanIn(config, virtual, place),
        });
    }
    const { address, family } = service;
    // One with `vip` comes after its service.
    if (virtual.vip === null && !isEverywhere(address) && !isLocal(address)) {
      const remedy = `ip address add ${address}/${family === 'inet6' ? 128 : 32} dev lo`;
      const message = `${address} is not on this machine, and nobody reaches the service before it is: \`${remedy}\``;
      found.push({ severity: 'warning', code: 'address-not-here', message, span: spanIn(config, virtual) });
    }
    yield;
  }
  return found;
}

function* waysOf(virtuals: readonly Virtual[]): Work<ReadonlyMap<string, Way>> {
  const ways = new Map<string, Way & { readonly destinations: Map<string, DestinationIdentity> }>();
  for (const virtual of virtuals) {
    const service = listeningOf(virtual);
    if (service === null) continue;
    const key = serviceKey(service);
    const { destinations } = ways.get(key) ?? { destinations: new Map() };
    for (const [server] of serversOf(virtual)) {
      const destination = destinationOf(virtual, server);
      if (destination) destinations.set(destinationKey(destination), destination);
    }
    ways.set(key, { service, destinations });
    yield;
  }
  return ways;
}

/** Null where there is nothing to listen to. */
function listeningOf(virtual: Virtual): Way['service'] | null {
  const service = serviceOf(virtual);
  return service === null || service.protocol === 'fwm' || service.port === 0 ? null : service;
}

function serversOf({ realServers, fallbacks, span }: Virtual): (readonly [Server, SectionSpan])[] {
  return [...realServers.map((real) => [real, real.span] as const), ...fallbacks.map((one) => [one, span] as const)];
}
