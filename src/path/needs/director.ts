/** What the director needs so that its kernel hands packets on, and lets their answers through. */

import type { Config, Family, Virtual } from '../../model/config.js';
import { deviceTo, placesOf, serviceAddress, serviceDevice } from '../director-places.js';
import { deviceSetting, type Machine, type MachineQuestions, routeKey } from '../machine.js';
import type { Need, Wanted } from '../need.js';
import { calledOf, familyOf, towards } from '../real-servers.js';
import { eachOnce } from './each-once.js';

/** No link is in it, so that the way there is the default route: the first of all global addresses (RFC 4291, 2.5.4). */
const anywhere = towards('2000::');
const forwarding = { inet: 'net.ipv4.ip_forward', inet6: 'net.ipv6.conf.all.forwarding' } as const;

/** What is to be known of the director. Its devices show only there, so that the settings of all are asked for. */
export function directorQuestions(config: Config): MachineQuestions {
  const services = config.virtuals.flatMap((virtual) => serviceAddress(virtual) ?? []);
  const servers = placesOf(config).map(({ own }) => own);
  return {
    sysctls: [
      ...Object.values(forwarding),
      ...['rp_filter', 'accept_local', 'send_redirects'].map((name) => deviceSetting('*', name)),
      deviceSetting('*', 'accept_ra', 'ipv6'),
      'net.ipv4.vs.*',
      'net.netfilter.nf_conntrack_count',
      'net.netfilter.nf_conntrack_max',
    ],
    routes: [
      ...[...new Set([...services, ...servers])].map(towards),
      ...(servers.some((own) => familyOf(own) === 'inet6') ? [anywhere] : []),
    ],
  };
}

/**
 * In the order in which they are to be met: IPVS brings its settings along. `routed` are the addresses of real servers
 * whose answers go by the director, where that is known; without a machine it is what follows from the file alone.
 */
export function directorNeeds(
  config: Config,
  machine: Machine | null,
  routed: ReadonlySet<string> = new Set(),
): Wanted[] {
  const wanted = config.virtuals.flatMap((virtual) => [...ofTable(virtual), ...ofConnections(virtual)]);
  const ways = placesOf(config).flatMap(({ virtual, server, own }): Wanted[] => {
    if (server.forward === 'masq') return ofMasquerading(virtual, own, machine);
    return ofAnswers(virtual, own, machine, routed.has(own));
  });
  return eachOnce([...wanted, ...ways]).toSorted((one, other) => turnOf(one.need) - turnOf(other.need));
}

function turnOf({ kind }: Need): number {
  return kind === 'module' ? 0 : 1;
}

function ofTable(virtual: Virtual): Wanted[] {
  const names = ['ip_vs', `ip_vs_${virtual.scheduler}`];
  return names.map((name) => want({ kind: 'module', name }, 'module-not-loaded', virtual));
}

/** Of connections and templates whose server is gone, by ipvs-sysctl of the kernel's manual. */
function ofConnections(virtual: Virtual): Wanted[] {
  const { quiescent, persistent, ops } = virtual;
  const wanted: Wanted[] = [];
  if (!quiescent && !ops) wanted.push(want(ipvs('expire_nodest_conn'), 'lost-connections-kept', virtual));
  if (persistent !== null) wanted.push(want(ipvs('expire_quiescent_template'), 'templates-kept', virtual));
  return wanted;
}

function ofMasquerading(virtual: Virtual, own: string, machine: Machine | null): Wanted[] {
  const wanted = ofForwarding(virtual, familyOf(own), machine);
  if (virtual.snat) return [...wanted, want(ipvs('conntrack'), 'conntrack-off', virtual)];
  const device = machine && deviceTo(own, machine);
  // What goes out where it came in makes the kernel tell of a shorter way, past the director. Of both settings one is enough.
  if (machine !== null && device !== null && familyOf(own) === 'inet' && serviceDevice(virtual, machine) === device) {
    for (const one of ['all', device])
      wanted.push(want(sysctl(deviceSetting(one, 'send_redirects'), '0'), 'redirects-sent', virtual));
  }
  return wanted;
}

/**
 * A host that becomes a router takes no advertisements of other routers any more, and its default route by them goes at
 * once, unless that is set otherwise before (accept_ra in ip-sysctl, rt6_purge_dflt_routers() of Linux). Who takes them
 * in the kernel's place has it set to 0.
 */
function ofForwarding(virtual: Virtual, family: Family, machine: Machine | null): Wanted[] {
  const forward = want(sysctl(forwarding[family], '1'), 'forwarding-off', virtual);
  const route = family === 'inet6' ? machine?.routes.get(routeKey(anywhere)) : null;
  if (!route?.isAdvertised) return [forward];
  const accept = sysctl(deviceSetting(route.device, 'accept_ra', 'ipv6'), '2', ['0']);
  return [want(accept, 'advertisements-ignored', virtual), forward];
}

/**
 * Answers to clients have the address of the service, which is the director's own: where they go by it, its kernel takes
 * them for forged. A director that forwards between two links is taken for their router.
 */
function ofAnswers(virtual: Virtual, own: string, machine: Machine | null, isRouted: boolean): Wanted[] {
  const family = familyOf(own);
  const wanted = isRouted ? ofForwarding(virtual, family, machine) : [];
  const device = machine && deviceTo(own, machine);
  if (machine === null || device === null || family === 'inet6') return wanted;
  const front = serviceDevice(virtual, machine);
  if (front === null) return wanted;
  const isRouter = machine.sysctls.get(forwarding.inet) === '1' && front !== device;
  if (!isRouted && !isRouter && virtual.checkpath === 'direct') return wanted;
  // By fib_validate_source() of Linux.
  wanted.push(
    want(
      sysctl(deviceSetting(device, 'accept_local'), '1', [], [deviceSetting('all', 'accept_local')]),
      'answers-refused',
      virtual,
    ),
  );
  if (front !== device) {
    const filter = sysctl(deviceSetting(device, 'rp_filter'), '2', ['0'], [deviceSetting('all', 'rp_filter')]);
    wanted.push(want(filter, 'answers-filtered', virtual));
  }
  return wanted;
}

function want(need: Need, code: Wanted['code'], virtual: Virtual): Wanted {
  return { need, code, for: [calledOf(virtual)] };
}

function ipvs(name: string): Need {
  return sysctl(`net.ipv4.vs.${name}`, '1');
}

function sysctl(key: string, value: string, also: readonly string[] = [], beside: readonly string[] = []): Need {
  return { kind: 'sysctl', key, value, also, beside };
}
