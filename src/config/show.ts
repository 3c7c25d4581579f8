/** The configuration as understood, for `show-config`: the directives' own names, and no secrets. */

import { isIP } from 'node:net';
import type { Config, Endpoint, Fallback, Global, Host, RealServer, Virtual } from '../model/config.js';
import { hostText, rangeText } from '../model/names.js';
import { type Facts, isNothing, type Rows } from './file/directive.js';
import { checkDirectives, datagramDirectives } from './file/rows/checks.js';
import { healthDirectives } from './file/rows/health.js';
import { httpDirectives } from './file/rows/http.js';
import { inheritedDirectives } from './file/rows/inherited.js';
import { noteDirectives } from './file/rows/notes.js';
import { programDirectives } from './file/rows/program.js';
import { tableDirectives } from './file/rows/table.js';
import { tlsDirectives } from './file/rows/tls.js';
import { hostsOf } from './resolve.js';

/** AF_INET and AF_INET6, as Linux numbers them. */
const familyNumbers = { inet: 2, inet6: 10 } as const;

type Shown = Readonly<Record<string, unknown>>;

/** As the reference has them. */
const inheritedByName = byName(inheritedDirectives);
const tlsOptionalLast = optionalLast(tlsDirectives);

function byName<T extends object>(named: T): T {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}

function optionalLast<R extends Rows>(rows: R): R {
  const rank = ({ optional }: Rows[string]): number => (optional ? 1 : 0);
  return Object.fromEntries(Object.entries(rows).sort(([, a], [, b]) => rank(a) - rank(b))) as R;
}

/** Plain data for JSON. Yes and no stay words; lists that the file writes with commas stay so. */
export function showConfig(config: Config): object {
  const hostnames = namesOf(config);
  return {
    global: showGlobal(config.global),
    ...(Object.keys(hostnames).length > 0 && { hostnames }),
    virtual: config.virtuals.map(showVirtual),
  };
}

function showGlobal(global: Global): Shown {
  return {
    ...show(inheritedByName, global, null),
    ...byName({
      ...show(programDirectives, global, null),
      fallback: showGlobalFallback(global.fallbacks),
      fallback6: showGlobalFallback(global.fallbacks6),
      ...showMore('fallbacks', global.fallbacks),
      ...showMore('fallbacks6', global.fallbacks6),
    }),
  };
}

/** The reference keeps one for each protocol. */
function showGlobalFallback([first]: readonly Fallback[]): object | null {
  return first === undefined ? null : { tcp: showFallback(first), udp: showFallback(first) };
}

/** All of several, which the reference does not have. */
function showMore(name: string, fallbacks: readonly Fallback[]): Shown {
  return fallbacks.length > 1 ? { [name]: fallbacks.map(showFallback) } : {};
}

function showVirtual(virtual: Virtual): Shown {
  const { endpoint } = virtual;
  const [first] = virtual.fallbacks;
  return {
    addressfamily: familyNumbers[virtual.family],
    ...(endpoint.protocol === 'fwm'
      ? { ...showCarried(endpoint), port: 0 }
      : { ...showHost(endpoint.host), port: endpoint.port }),
    protocol: endpoint.protocol,
    service: virtual.service,
    ...show(tableDirectives, virtual, virtual),
    checktype: virtual.checktype,
    num_connects: virtual.connects,
    ...show(checkDirectives, virtual, virtual),
    ...show(healthDirectives, virtual, virtual),
    ...show(tlsOptionalLast, virtual, virtual),
    ...show(httpDirectives, virtual, virtual),
    ...show(datagramDirectives, virtual, virtual),
    ...show(noteDirectives, virtual, virtual),
    ...show(inheritedByName, virtual, virtual),
    ...(first !== undefined && { fallback: showFallback(first) }),
    ...showMore('fallbacks', virtual.fallbacks),
    real: virtual.realServers.map(showReal),
  };
}

function showCarried({ mark, carries }: Endpoint & { protocol: 'fwm' }): Shown {
  if (carries === undefined) return { fwm: mark };
  const { host, transports, ports } = carries;
  return { fwm: mark, ...showHost(host), transports: transports.join(','), ports: ports.map(rangeText).join(',') };
}

/** What applies of some directives, in their order. */
function show<R extends Rows>(rows: R, held: { readonly [K in keyof R]: unknown }, facts: Facts | null): Shown {
  const shown: Record<string, unknown> = {};
  for (const keyword in rows) {
    const row = rows[keyword];
    const value = held[keyword];
    if (row === undefined || (facts !== null && !row.applies(facts)) || (row.optional && isNothing(value))) continue;
    shown[keyword] = row.show(value, facts);
  }
  return shown;
}

function showReal(real: RealServer): object {
  return {
    ...showHost(real.host),
    ...(real.through !== undefined && { through: hostText(real.through) }),
    port: real.port,
    forward: real.forward,
    weight: real.weight,
    ...(real.upperThreshold > 0 && { 'u-threshold': real.upperThreshold }),
    ...(real.lowerThreshold > 0 && { 'l-threshold': real.lowerThreshold }),
    ...(real.request !== undefined && { request: real.request }),
    ...(real.receive !== undefined && { receive: real.receive.source }),
  };
}

function showFallback(fallback: Fallback): object {
  return {
    ...showHost(fallback.host),
    port: fallback.port,
    forward: fallback.forward,
    weight: fallback.weight,
    'u-threshold': fallback.upperThreshold,
    'l-threshold': fallback.lowerThreshold,
  };
}

function showHost(host: Host): object {
  return { server: hostText(host), ...(host.unresolved !== undefined && { unresolved: host.unresolved }) };
}

/** Each name that is written in the file, with its address or null. */
function namesOf(config: Config): Record<string, string | null> {
  const names: Record<string, string | null> = {};
  for (const [{ name, address }] of hostsOf(config)) {
    if (name !== '' && isIP(name) === 0) names[name] = address;
  }
  return names;
}
