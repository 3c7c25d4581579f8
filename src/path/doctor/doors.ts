/** Where a real server has to listen: for its services, for the checks of the director, and for its agent. */

import { checksOf } from '../../checks/check.js';
import { virtualOfFallbacks } from '../../config/fallback-checks.js';
import { type ServiceName, services } from '../../config/services.js';
import type { Protocol } from '../../model/config.js';
import { isFallback } from '../../model/subject.js';
import { calledOf, forwardedTo, type Place, type RealMachine } from '../real-servers.js';

export interface Door {
  readonly purpose: 'service' | 'check' | 'agent';
  readonly protocol: 'tcp' | 'udp';
  /** Where packets come to: the address of the service, or one of the server's own. */
  readonly at: string;
  /** The server's own in any case, where the director can knock. */
  readonly own: string;
  readonly port: number;
  readonly for: readonly string[];
}

/** Each once, those of services first. */
export function doorsOf({ places }: RealMachine): Door[] {
  const all = [...places.flatMap(serviceDoors), ...places.flatMap(checkDoors), ...places.flatMap(agentDoors)];
  const byKey = new Map<string, Door>();
  for (const door of all) {
    const key = [door.purpose, door.protocol, door.at, door.own, door.port].join(' ');
    byKey.set(key, { ...door, for: [...new Set([...(byKey.get(key)?.for ?? []), ...door.for])] });
  }
  return [...byKey.values()];
}

function serviceDoors(place: Place): Door[] {
  const { virtual, server } = place;
  const own = server.host.address;
  const { address, transports, ports } = forwardedTo(place);
  const at = server.forward === 'masq' ? own : address;
  if (own === null || at === null) return [];
  return transports.flatMap((protocol) =>
    // In a range not every port has to have somebody: of FTP’s for data none has between two transfers.
    ports
      .filter(({ from, to }) => from === to)
      .map(({ from }): Door => ({ purpose: 'service', protocol, at, own, port: from, for: [calledOf(virtual)] })),
  );
}

function checkDoors({ virtual, server }: Place): Door[] {
  const own = server.host.address;
  const seen = isFallback(server) ? virtualOfFallbacks(virtual) : virtual;
  const real = [...virtual.realServers, ...virtual.fallbacks].find((one) => one === server);
  const check = seen && real && checksOf(seen)(real)?.check;
  if (own === null || check === null || check === undefined) return [];
  const asked = [check, ...(check.further ?? [])];
  return asked.flatMap(({ type, service, protocol, port }): Door[] => {
    const number = port ?? check.port;
    if (number === 0 || !(type === 'connect' || type === 'negotiate' || type === 'combined')) return [];
    const transport = type === 'connect' ? connectedOver(protocol) : transportOf(service, protocol);
    if (transport === null) return [];
    return [{ purpose: 'check', protocol: transport, at: own, own, port: number, for: [calledOf(virtual)] }];
  });
}

/** Null where a check connects to no port: over UDP it is a ping. */
function connectedOver(protocol: Protocol): 'tcp' | null {
  return protocol === 'udp' ? null : 'tcp';
}

/** Null where it is not told: a firewall mark is of both. */
function transportOf(service: ServiceName, protocol: Protocol): 'tcp' | 'udp' | null {
  const { transport } = services[service];
  if (transport !== 'either') return transport;
  return protocol === 'fwm' ? null : protocol;
}

function agentDoors({ virtual, server }: Place): Door[] {
  const own = server.host.address;
  const { agent } = virtual;
  if (agent === null || agent.host !== null || own === null || isFallback(server)) return [];
  return [{ purpose: 'agent', protocol: 'tcp', at: own, own, port: agent.port, for: [calledOf(virtual)] }];
}
