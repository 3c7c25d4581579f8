/** What a real server needs so that it takes the packets of its services, and so that their answers find the way back. */

import { deviceSetting, type Link, type Machine, type RouteQuestion, routeKey } from '../machine.js';
import type { Answers, Need, Wanted } from '../need.js';
import { calledOf, familyOf, forwardedTo, type Place, type RealMachine, towards } from '../real-servers.js';
import { answersQuestion, elsewhereQuestion } from './answers-route.js';
import { eachOnce } from './each-once.js';
import { type MachineQuestions, questionsOf } from './judge.js';

/** Devices that answer no question for their addresses: tunnels and the like, beside lo. */
const quietKinds: ReadonlySet<string | null> = new Set(['dummy', 'gre', 'ip6gre', 'ip6tnl', 'ipip', 'sit', 'vti']);

/** By the family of the addresses in the tunnel, which is that of the tunnel. */
export const tunnels = {
  inet: { name: 'tunl0', module: 'ipip' },
  inet6: { name: 'ip6tnl0', module: 'ip6_tunnel' },
} as const;

const hostPrefix = { inet: 32, inet6: 128 } as const;

/** What is to be known of the director: by which way, and from which address, it reaches the server. */
export function questionsToDirector({ addresses }: RealMachine): RouteQuestion[] {
  return addresses.map(towards);
}

/** What is to be known of the real server. */
export function questionsToReal(real: RealMachine, director: Machine): MachineQuestions {
  const { sysctls, routes } = questionsOf(realNeeds(real, director, null).map(({ need }) => need));
  const peers = real.addresses.flatMap((address) => directorsAddress(address, director) ?? []);
  const services = real.places.flatMap((place) => forwardedTo(place).address ?? []);
  const families = new Set(real.addresses.map(familyOf));
  const more = [...[...new Set([...peers, ...services])].map(towards), ...[...families].map(elsewhereQuestion)];
  return {
    // Which device is asked for the address shows only there.
    sysctls: [
      ...new Set([...sysctls, ...['arp_ignore', 'arp_announce', 'rp_filter'].map((name) => deviceSetting('*', name))]),
    ],
    routes: [...new Map([...routes, ...more].map((question) => [routeKey(question), question])).values()],
  };
}

/**
 * In the order in which they are to be met: a machine that has the address before it is quiet about it makes the network
 * see two owners. What the machine does in another way that serves as well is what it needs; without it (null) it is what
 * a bare one would need.
 */
export function realNeeds(real: RealMachine, director: Machine, machine: Machine | null): Wanted[] {
  const wanted = real.places.flatMap((place): Wanted[] => {
    const own = place.server.host.address;
    if (own === null) return [];
    const context = { place, own, director, machine };
    return place.server.forward === 'masq' ? masqueraded(context) : unchanged(context);
  });
  return eachOnce(wanted.toSorted((one, other) => turnOf(one.need) - turnOf(other.need)));
}

function turnOf(need: Need): number {
  // The settings of a link are there only with it.
  const isLinks = need.kind === 'sysctl' && need.key.includes(tunnels.inet.name);
  return ['sysctl', 'module', 'link', 'address', 'answers'].indexOf(need.kind) + (isLinks ? 2.5 : 0);
}

/** The address by which the server sees the director; null where no way leads from one to the other. */
export function directorsAddress(address: string, director: Machine): string | null {
  return director.routes.get(routeKey(towards(address)))?.source ?? null;
}

/** The device that leads there; null where none does. */
export function deviceTowards(address: string, machine: Machine): string | null {
  return machine.routes.get(routeKey(towards(address)))?.device ?? null;
}

/** Whether it answers ARP for all of its addresses. */
export function isHeard({ name, kind }: Pick<Link, 'name' | 'kind'>): boolean {
  return name !== 'lo' && !quietKinds.has(kind);
}

interface Context {
  readonly place: Place;
  /** The server's address. */
  readonly own: string;
  readonly director: Machine;
  readonly machine: Machine | null;
}

/** By `gate` and `ipip` packets keep the address of the service, which the server has to have. */
function unchanged(context: Context): Wanted[] {
  const { place, own, director, machine } = context;
  const { address } = forwardedTo(place);
  const isTunnelled = place.server.forward === 'ipip';
  const family = familyOf(own);
  const wanted: Wanted[] = [];
  const want = (need: Need, code: Wanted['code']): void => {
    wanted.push({ need, code, for: [calledOf(place.virtual)] });
  };
  if (address !== null && familyOf(address) === 'inet') {
    const peer = directorsAddress(own, director);
    const asked = machine && peer !== null ? deviceTowards(peer, machine) : null;
    const out = machine?.routes.get(routeKey(elsewhereQuestion('inet')))?.device ?? null;
    want(sysctl(deviceSetting('all', 'arp_ignore'), '1', ['2'], asked), 'arp-ignore');
    want(sysctl(deviceSetting('all', 'arp_announce'), '2', [], out), 'arp-announce');
    // Clients' packets come in by the one, and would go back to them by the other.
    if (!isTunnelled && asked !== null && asked !== out) want(looseFilter(asked), 'reverse-path-filter');
  }
  const tunnel = tunnels[family];
  if (isTunnelled) {
    want({ kind: 'link', ...tunnel }, 'tunnel-down');
    if (family === 'inet') want(looseFilter(tunnel.name), 'tunnel-rp-filter');
  }
  if (address === null) return wanted;
  const standing = machine && quietPlace(address, machine);
  if (machine !== null && standing === null && isAnyIp(address, machine)) return wanted;
  const device = standing ?? (isTunnelled ? tunnel.name : 'lo');
  const prefix = hostPrefix[familyOf(address)];
  want({ kind: 'address', family: familyOf(address), address, prefix, device }, 'service-address-missing');
  return wanted;
}

/** Where it stands already with nobody asking for it. */
function quietPlace(address: string, { addresses, links }: Machine): string | null {
  const stands = addresses.filter((one) => one.address === address && one.prefix === hostPrefix[one.family]);
  const quiet = stands.find(({ device }) => !isHeard({ name: device, kind: links.get(device)?.kind ?? null }));
  return quiet?.device ?? null;
}

/** Whether it is the machine's own by a route, `local ADDRESS dev lo`, without standing on a device. */
function isAnyIp(address: string, { addresses, routes }: Machine): boolean {
  const isLocal = routes.get(routeKey(towards(address)))?.isLocal === true;
  return isLocal && !addresses.some((one) => one.address === address);
}

/** By `masq` answers have to come back through the director, which alone can give them the service's address again. */
function masqueraded({ place, own, director, machine }: Context): Wanted[] {
  const peer = directorsAddress(own, director);
  // With snat they come to the director by themselves: it is whom the packets are from.
  if (place.virtual.snat || peer === null) return [];
  const { transports, ports } = forwardedTo(place);
  return transports.flatMap((protocol) =>
    ports.map((range): Wanted => {
      const bare: Answers = {
        kind: 'answers',
        family: familyOf(own),
        from: own,
        protocol,
        ports: range,
        gateway: peer,
      };
      const used = machine?.routes.get(routeKey(answersQuestion(bare)))?.gateway ?? null;
      // Two directors often share an address that is the servers' gateway.
      const isDirectors = used !== null && director.addresses.some(({ address }) => address === used);
      const need = isDirectors ? { ...bare, gateway: used } : bare;
      return { need, code: 'answers-elsewhere', for: [calledOf(place.virtual)] };
    }),
  );
}

/** The greatest counts: where `all` is 1, the loose one serves, and none at all does not. */
function looseFilter(device: string): Need {
  const key = deviceSetting(device, 'rp_filter');
  return { kind: 'sysctl', key, value: '2', also: ['0'], beside: [deviceSetting('all', 'rp_filter')] };
}

function sysctl(key: string, value: string, also: readonly string[], device: string | null): Need {
  const name = key.slice(key.lastIndexOf('.') + 1);
  return { kind: 'sysctl', key, value, also, beside: device === null ? [] : [deviceSetting(device, name)] };
}
