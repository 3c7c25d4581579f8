/** Warnings about what is accepted but cannot be meant, found once the whole file is known. */

import type { Config, Endpoint, RealServer, SectionSpan, Span, Virtual } from '../../model/config.js';
import { addressedBy, carriedBy, spokenAt } from '../../model/endpoint.js';
import { serverName } from '../../model/names.js';
import { spanAsRead, spanIn } from '../../model/section-span.js';
import { missingSlotFlag } from '../../model/slots.js';
import type { Work } from '../../slices.js';
import { isNegotiated } from '../check-types.js';
import { directives, type Keyword } from '../file/directives.js';
import { tlsDirectives } from '../file/rows/tls.js';
import type { Section } from '../file/sections.js';
import { allServiceNames } from '../service-lists.js';
import { type ServiceName, services } from '../services.js';
import { judgesTls, servicesOf } from '../spoken.js';
import { adviseOnAgents } from './agent-advice.js';
import type { WarningCode } from './codes.js';
import type { Diagnostic } from './diagnostics.js';
import { adviseOnRequirements } from './requirements.js';
import { writtenAlike } from './same-services.js';

/** Schedulers for caches, which many addresses lead to by a firewall mark (ipvsadm(8)). */
const byService: readonly string[] = ['dh', 'lblc', 'lblcr'];

/** Of each virtual service by itself; the sections are theirs, in the same order. */
export function* adviseOnEach(
  virtuals: readonly Virtual[],
  sections: readonly Section[],
): Work<readonly (readonly Diagnostic[])[]> {
  const found: (readonly Diagnostic[])[] = [];
  for (const [index, virtual] of virtuals.entries()) {
    const advice = onVirtual(virtual, sections[index]);
    // Of thousands most have none.
    found.push(advice.length === 0 ? nothing : advice);
    yield;
  }
  return found;
}

const nothing: readonly Diagnostic[] = [];

/** Of all virtual services together. */
export function* adviseOnAll(config: Config, globalPlaces: ReadonlyMap<Keyword, Span>): Work<Diagnostic[]> {
  const onFallbacks = [...onGlobalFallbacks(config), ...onFallbackChecks(config.virtuals, globalPlaces)];
  return [...onFallbacks, ...(yield* writtenAlike(config))];
}

function onVirtual(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = (code: WarningCode, message: string, span = spanAsRead(virtual.span)) =>
    void found.push({ severity: 'warning', code, message, span });
  const places = section?.places;
  if (virtual.realServers.length === 0) warn('no-real-servers', 'this virtual service has no real server');
  if (virtual.netmask !== null && virtual.persistent === null) {
    warn('useless-netmask', 'a netmask has an effect only together with persistent', places?.get('netmask'));
  }
  if (virtual.ops && virtual.endpoint.protocol === 'tcp') {
    warn('useless-ops', 'one-packet scheduling is for UDP; the kernel refuses it for TCP', places?.get('ops'));
  }
  if (virtual.slowstart > 0 && virtual.realServers.some(({ weight }) => weight === 1)) {
    const place = places?.get('slowstart');
    warn('weight-too-small', 'a weight of 1 cannot grow: give the real servers larger ones, as 100', place);
  }
  if (
    byService.includes(virtual.scheduler) &&
    addressedBy(virtual.endpoint) !== null &&
    virtual.realServers.length > 1
  ) {
    const { scheduler } = virtual;
    const until = scheduler === 'dh' ? '' : ' until it is overloaded';
    const message = `${scheduler} chooses by the address that clients ask for, and there is one: a single real server gets all of them${until}; take sh or mh, or a firewall mark`;
    warn('one-server-scheduler', message, places?.get('scheduler'));
  }
  const slotFlag = virtual.quiescent ? missingSlotFlag(virtual) : null;
  if (slotFlag !== null) {
    const { scheduler } = virtual;
    const message = `${scheduler} drops the clients of a quiescent server: set schedflags=${slotFlag}, or quiescent=no`;
    warn('slots-kept', message, places?.get('scheduler'));
  }
  const { checkpath, realServers } = virtual;
  if (checkpath === 'forwarded' && realServers.length > 0 && realServers.every(({ forward }) => forward === 'masq')) {
    const message = 'every real server is masqueraded: its checks go to its own address, as without checkpath';
    warn('useless-checkpath', message, places?.get('checkpath'));
  }
  if (virtual.snat && places?.has('snat') && realServers.every(({ forward }) => forward !== 'masq')) {
    warn('useless-snat', 'no real server is masqueraded: snat has no effect', places.get('snat'));
  }
  if (virtual.proxyprotocol !== 'none' && places?.has('proxyprotocol') && virtual.endpoint.protocol === 'udp') {
    warn(
      'useless-proxyprotocol',
      'datagrams have no place for it: proxyprotocol has no effect',
      places.get('proxyprotocol'),
    );
  }
  if (virtual.vip !== null && places?.has('vip') && addressedBy(virtual.endpoint) === null) {
    warn('useless-vip', 'a firewall mark has no address: vip has no effect', places.get('vip'));
  }
  const service = services[virtual.service];
  if (isNegotiated(virtual.checktype) && !service.asked && section?.draft.service === undefined) {
    warn(
      'never-checked',
      'the port tells no service, so nothing is checked and real servers count as up; set service or checktype',
    );
  }
  if (service.http === 'site' && /^\/https?:\/\//i.test(virtual.request)) {
    warn('absolute-request', 'the request must be a path: a "/" is put before this address', places?.get('request'));
  }
  return [
    ...found,
    ...onDatabases(virtual, section),
    ...onExtensions(virtual, section),
    ...adviseOnRequirements(virtual),
    ...adviseOnAgents(virtual, section),
    ...onRealServers(virtual),
    ...onFallbacks(virtual, section),
    ...(places === undefined ? [] : onFallbackChecks([virtual], places)),
  ];
}

function onDatabases(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const { checktype, service, login, realServers } = virtual;
  if (!services[service].statement || !isNegotiated(checktype)) return [];
  const found: Diagnostic[] = [];
  const warn = (code: WarningCode, message: string, span = spanAsRead(virtual.span)) =>
    void found.push({ severity: 'warning', code, message, span });
  const asksNothing = realServers.some(({ request }) => (request ?? virtual.request) === '/');
  if (login === '' || asksNothing) {
    warn('missing-statement', `service=${service} asks as a user: without login and request its servers are down`);
  }
  if (virtual.receive !== null) {
    const message = `an answer of service=${service} counts by its rows: receive has no effect`;
    warn('useless-receive', message, section?.places.get('receive'));
  }
  return found;
}

/** What says how TLS is to be spoken, where it is. */
const tlsKeywords = (Object.keys(tlsDirectives) as (keyof typeof tlsDirectives)[]).filter(
  (keyword) => keyword !== 'tls',
);

const ofSomeServices = directives.flatMap(({ keyword, useless }) => (useless === null ? [] : [{ keyword, useless }]));

/** The compiler refuses a word that is no directive. */
const reads: Readonly<Record<ServiceName, { readonly reads: readonly Keyword[] }>> = services;

function isRead(keyword: Keyword, service: ServiceName): boolean {
  return reads[service].reads.includes(keyword);
}

/** Whose checks can read it: what a further check sends, and looks for, stands in its own line. */
function readersIn(virtual: Virtual, useless: WarningCode): ServiceName[] {
  return useless === 'useless-hex' ? [virtual.service] : servicesOf(virtual);
}

function onExtensions(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = (code: WarningCode, message: string, span = spanAsRead(virtual.span)) =>
    void found.push({ severity: 'warning', code, message, span });
  const places = section?.places;
  const set = tlsKeywords.find((keyword) => places?.has(keyword));
  const isJudged = judgesTls(virtual);
  if (!isJudged && virtual.tls === 'no' && set !== undefined) {
    warn('useless-tls', `${set} has no effect without TLS: set tls`, places?.get(set));
  } else if (!isJudged && set !== undefined) {
    warn('useless-tls', `${set} has no effect where TLS is but preferred: set tls=yes`, places?.get(set));
  } else if (virtual.tlscafile !== null && !virtual.tlsverify) {
    warn('useless-tls', 'nothing is verified with these authorities: set tlsverify=yes', places?.get('tlscafile'));
  }
  const { transport, extension } = services[virtual.service];
  if (spokenAt(virtual.endpoint) === 'udp' && virtual.tls === 'yes' && transport === 'either') {
    warn('useless-tls', `service=${virtual.service} speaks no TLS over UDP: leave tls out`, places?.get('tls'));
  }
  // Those of the reference are left alone: it asks them over UDP as well, and says nothing.
  if (virtual.endpoint.protocol === 'tcp' && transport === 'udp' && extension) {
    warn(
      'datagram-service',
      `service=${virtual.service} asks over UDP, and this is a TCP service: set protocol=udp`,
      places?.get('service'),
    );
  }
  for (const { keyword, useless } of ofSomeServices) {
    if (!places?.has(keyword) || found.some(({ code }) => code === useless)) continue;
    if (readersIn(virtual, useless).some((service) => isRead(keyword, service))) continue;
    const readers = allServiceNames.filter((service) => isRead(keyword, service));
    warn(useless, `${keyword} has an effect only with service=${readers.join(', ')}`, places.get(keyword));
  }
  return found;
}

/** As canonical addresses show it: RFC 5952, section 5. */
const mappedAddress = /^::ffff:\d+\./;

function onRealServers({ endpoint, realServers }: Virtual): Diagnostic[] {
  const found: Diagnostic[] = [];
  const lines = new Map<string, RealServer>();
  for (const real of realServers) {
    const warn = (code: WarningCode, message: string) =>
      void found.push({ severity: 'warning', code, message, span: spanAsRead(real.span) });
    const name = serverName(real);
    const earlier = lines.get(name);
    if (earlier === undefined) lines.set(name, real);
    else warn('duplicate-real-server', `${name} stands in line ${earlier.span.row} already; the kernel holds it once`);
    if (mappedAddress.test(real.host.address ?? '')) {
      warn('mapped-address', 'IPVS cannot forward to an IPv4 address in the form of IPv6: write the IPv4 address');
    }
    if (carriedBy(endpoint) !== null && real.forward === 'masq' && real.port !== 0) {
      const message = `all ports of the service go to port ${real.port} of this server: leave it out, so that each keeps its own`;
      warn('ports-mapped', message);
    }
    const message = keptPort(real, endpoint);
    if (message !== null) warn('port-not-mapped', message);
  }
  return found;
}

/** What is to be said where packets do not go to the port that the file has for the server. */
function keptPort({ forward, port }: RealServer, endpoint: Endpoint): string | null {
  if (endpoint.protocol === 'fwm' || forward === 'masq' || port === endpoint.port || port === 0) return null;
  return `with ${forward} packets keep the port ${endpoint.port}; only masq can change it to ${port}`;
}

/** Of those that many services have from the global section: each once, with the first that it is wrong for. */
function onGlobalFallbacks(config: Config): Diagnostic[] {
  const { global, virtuals } = config;
  return [...global.fallbacks, ...global.fallbacks6].flatMap((fallback) => {
    if (fallback.forward === 'masq' || fallback.port === 0) return [];
    const { span } = fallback;
    for (const virtual of virtuals) {
      const isInherited = virtual.fallbacks.some((one) => one.span.row === span.row);
      const message = isInherited ? keptPort(fallback, virtual.endpoint) : null;
      if (message === null) continue;
      const where = `${message}: so for the virtual service in line ${spanIn(config, virtual).line}`;
      return [{ severity: 'warning', code: 'port-not-mapped', message: where, span: spanAsRead(span) }];
    }
    return [];
  });
}

function onFallbacks(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = (code: WarningCode, message: string, span: SectionSpan) =>
    void found.push({ severity: 'warning', code, message, span: spanAsRead(span) });
  const areOwn = (section?.complete?.fallbacks.length ?? 0) > 0;
  const lines = new Map<string, number>();
  for (const fallback of virtual.fallbacks) {
    const kept = areOwn ? keptPort(fallback, virtual.endpoint) : null;
    if (kept !== null) warn('port-not-mapped', kept, fallback.span);
    const name = serverName(fallback);
    const earlier = lines.get(name);
    if (earlier === undefined) {
      lines.set(name, fallback.span.row);
      continue;
    }
    const message = `${name} stands in line ${earlier} already; the kernel holds it once`;
    warn('duplicate-fallback', message, fallback.span);
  }
  return found;
}

const aboutFallbackChecks = [
  'fallbackcheckport',
  'fallbackservice',
  'fallbackrequest',
  'fallbackreceive',
] as const satisfies readonly Keyword[];

/** Of the lines of one section, about its virtual, or of the global one, about all. */
function onFallbackChecks(virtuals: readonly Virtual[], places: ReadonlyMap<Keyword, Span>): Diagnostic[] {
  if (virtuals.length === 0) return [];
  const asked = virtuals.filter(({ fallbackcheck }) => fallbackcheck);
  if (asked.some(({ fallbacks }) => fallbacks.length > 0)) return [];
  const isWanted = asked.length > 0 && places.has('fallbackcheck');
  const keyword = isWanted ? 'fallbackcheck' : aboutFallbackChecks.find((one) => places.has(one));
  const span = keyword && places.get(keyword);
  if (span === undefined) return [];
  const needs = asked.length > 0 ? 'a fallback' : 'fallbackcheck=yes';
  return [
    { severity: 'warning', code: 'useless-fallback', message: `${keyword} has no effect without ${needs}`, span },
  ];
}
