/** Ways to real servers. */

import type { Config } from '../../../model/config.js';
import { type DirectorPlace, deviceTo, placesOf, serviceDevice } from '../../director-places.js';
import { type Machine, routeKey } from '../../machine.js';
import { calledOf, familyOf, towards } from '../../real-servers.js';
import type { DirectorFacts } from '../director-facts.js';
import type { Finding } from '../finding.js';
import { onDirector } from './finding.js';

/** Bytes of the header in front: RFC 791 without options, RFC 8200. */
const outerHeader = { inet: 20, inet6: 40 } as const;

export function examineRoutes(config: Config, { machine }: DirectorFacts): Finding[] {
  const byFault = new Map<string, { readonly finding: Finding; readonly services: Set<string> }>();
  for (const place of placesOf(config)) {
    const finding = faultOf(place, machine);
    if (finding === null) continue;
    const key = `${finding.code} ${finding.object}`;
    const known = byFault.get(key) ?? { finding, services: new Set<string>() };
    known.services.add(calledOf(place.virtual));
    byFault.set(key, known);
  }
  return [...byFault.values()].map(({ finding, services }) => ({ ...finding, for: [...services] }));
}

function faultOf(place: DirectorPlace, machine: Machine): Finding | null {
  const { server, own } = place;
  const route = machine.routes.get(routeKey(towards(own)));
  if (route === undefined || route?.isLocal === true) return null;
  if (route === null) {
    return onDirector('no-route', {
      object: own,
      for: [],
      seen: `\`ip route get ${own}\` has no answer`,
      mend: [`ip route add ${own} via GATEWAY`],
    });
  }
  if (server.forward === 'gate' && route.gateway !== null) {
    return onDirector('gate-by-gateway', {
      object: own,
      for: [],
      seen: `the route to ${own} is by ${route.gateway} at ${route.device}`,
      mend: [`ip route replace ${own} dev DEVICE`, 'or, where no link is shared, let the file have ipip or masq'],
    });
  }
  return server.forward === 'ipip' ? tunnelFault(place, machine) : null;
}

/**
 * What comes in as large as its link lets it is told that it is too large for the tunnel (RFC 2003, 5.1), and most come
 * smaller then. Where a link to the server has less than that of the clients, or nothing is told, it is more than that.
 */
function tunnelFault({ virtual, own }: DirectorPlace, machine: Machine): Finding | null {
  const device = deviceTo(own, machine);
  const back = device === null ? undefined : machine.links.get(device);
  const front = machine.links.get(serviceDevice(virtual, machine) ?? '');
  if (back === undefined || front === undefined || front.name === 'lo') return null;
  const header = outerHeader[familyOf(own)];
  const isTold = machine.sysctls.get('net.ipv4.vs.pmtu_disc') !== '0';
  if (back.mtu >= front.mtu + (isTold ? 0 : header)) return null;
  const most = isTold
    ? `the MTU of ${back.name} is ${back.mtu}`
    : `net.ipv4.vs.pmtu_disc is 0, and the MTU of ${back.name} ${back.mtu}`;
  return onDirector('tunnel-mtu', {
    object: back.name,
    for: [],
    seen: `${most}, of which a tunnel takes ${header}; clients come by ${front.name} with ${front.mtu}`,
    mend: [`ip link set ${back.name} mtu ${front.mtu + header}`],
  });
}
