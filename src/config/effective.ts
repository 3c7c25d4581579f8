/** From what the lines set to what holds: defaults, and what a virtual takes over from the global section. */

import type { Draft } from './directive.js';
import { completeFallback, type WrittenFallback } from './fallback.js';
import { trimBlanks } from './lines.js';
import type { Global, HttpSettings, Inherited, Server, TlsSettings, Virtual } from './model.js';
import type { SectionFacts } from './reading.js';
import type { Section } from './sections.js';
import { serviceOfPort } from './service-lists.js';
import type { ServiceName } from './services.js';
import { defaultTls } from './tls-modes.js';
import { alertPhases } from './values.js';

const defaultCheckTimeout = 5;
const defaultNegotiateTimeout = 30;

/** Bytes of a body that are read. */
const defaultBodyLimit = 1024 * 1024;

/** Each timeout stands in for the other where only that is set, and a section's goes before a global one. */
function inherited(own: Draft, global: Draft): Inherited {
  return {
    checktimeout:
      own.checktimeout ?? own.negotiatetimeout ?? global.checktimeout ?? global.negotiatetimeout ?? defaultCheckTimeout,
    negotiatetimeout:
      own.negotiatetimeout ??
      own.checktimeout ??
      global.negotiatetimeout ??
      global.checktimeout ??
      defaultNegotiateTimeout,
    checkinterval: own.checkinterval ?? global.checkinterval ?? 10,
    checkcount: own.checkcount ?? global.checkcount ?? 1,
    failurecount: own.failurecount ?? global.failurecount ?? 1,
    fallbackcommand: own.fallbackcommand ?? global.fallbackcommand ?? null,
    quiescent: own.quiescent ?? global.quiescent ?? false,
    cleanstop: own.cleanstop ?? global.cleanstop ?? true,
    smtp: own.smtp ?? global.smtp ?? null,
    emailalert: own.emailalert ?? global.emailalert ?? [],
    emailalertfrom: global.emailalertfrom ?? null,
    emailalertfreq: own.emailalertfreq ?? global.emailalertfreq ?? 0,
    emailalertstatus: own.emailalertstatus ?? global.emailalertstatus ?? alertPhases,
  };
}

export function effectiveGlobal(draft: Draft): Global {
  return {
    ...inherited({}, draft),
    autoreload: draft.autoreload ?? false,
    callback: trimBlanks(draft.callback ?? '') || null,
    execute: [...new Set(draft.execute)],
    fork: draft.fork ?? false,
    logfile: draft.logfile ?? '/var/log/ldirectord.log',
    maintenancedir: draft.maintenancedir ?? null,
    readdquiescent: draft.readdquiescent ?? false,
    supervised: draft.supervised ?? false,
    // A port of 0 stands for one that is left out.
    fallback: globalFallback(draft.fallback, '0'),
    fallback6: globalFallback(draft.fallback6, '0'),
  };
}

function tlsSettings(own: Draft, service: ServiceName): TlsSettings {
  return {
    tls: own.tls ?? defaultTls(service),
    tlsverify: own.tlsverify ?? false,
    tlscafile: own.tlscafile ?? null,
    tlsservername: own.tlsservername ?? null,
    tlscertfile: own.tlscertfile ?? null,
    tlskeyfile: own.tlskeyfile ?? null,
    tlsmindays: own.tlsmindays ?? 0,
  };
}

function httpSettings(own: Draft): HttpSettings {
  return {
    expectstatus: own.expectstatus ?? [{ from: 200, to: 299 }],
    requestheader: own.requestheader ?? [],
    httpauth: own.httpauth ?? 'none',
    receivein: own.receivein ?? 'body',
    bodylimit: own.bodylimit ?? defaultBodyLimit,
    httpversion: own.httpversion ?? '1.1',
    followredirects: own.followredirects ?? true,
    keepalive: own.keepalive ?? false,
  };
}

/** Null for a section whose opening line was wrong. */
export function effectiveVirtual(section: Section, global: Draft): Virtual | null {
  const { complete, draft, family, span } = section;
  if (complete === null) return null;
  const { endpoint, portText } = complete;
  const inheritedFallback = family === 'inet6' ? global.fallback6 : global.fallback;
  const service = draft.service ?? serviceOfPort(portText);
  return {
    span,
    family,
    endpoint,
    realServers: (family === 'inet6' ? draft.real6 : draft.real) ?? [],
    fallback: complete.fallback ?? globalFallback(inheritedFallback, portText),
    checktype: draft.checktype?.type ?? 'negotiate',
    connects: draft.checktype?.connects ?? 0,
    service,
    checkcommand: draft.checkcommand ?? '/bin/true',
    checkport: draft.checkport ?? null,
    checkmark: draft.checkmark ?? null,
    checksource: draft.checksource ?? null,
    request: draft.request ?? '/',
    receive: draft.receive ?? null,
    httpmethod: draft.httpmethod ?? 'GET',
    virtualhost: draft.virtualhost ?? null,
    login: draft.login ?? '',
    passwd: draft.passwd ?? '',
    database: draft.database ?? '',
    secret: draft.secret ?? '',
    dnstype: draft.dnstype ?? null,
    requesthex: draft.requesthex ?? '',
    receivehex: draft.receivehex ?? '',
    scheduler: draft.scheduler ?? 'wrr',
    schedflags: draft.schedflags ?? [],
    persistent: draft.persistent || null,
    netmask: draft.netmask ?? null,
    ops: draft.ops ?? false,
    monitorfile: draft.monitorfile ?? null,
    servicename: draft.servicename ?? null,
    comment: draft.comment ?? null,
    // At the end: V8 takes a hundred times as long to add this many properties to what a spread began.
    ...inherited(draft, global),
    ...tlsSettings(draft, service),
    ...httpSettings(draft),
  };
}

/** Its address and port were judged, and port names looked up, when it was read. */
function globalFallback(written: WrittenFallback | undefined, portText: string): Server | null {
  if (written === undefined) return null;
  const facts: SectionFacts = { family: written.family, protocol: 'fwm', portText };
  const outcome = completeFallback(written, facts, { port: () => undefined, name: () => undefined }, () => {});
  return outcome.ok ? outcome.value : null;
}
