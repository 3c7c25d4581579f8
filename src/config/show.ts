/** The configuration as understood, for `show-config`: the directives' own names, and no secrets. */

import { isIP } from 'node:net';
import type { Config, Global, Host, Inherited, RealServer, Server, TlsSettings, Virtual } from './model.js';
import { hostText, statusText } from './names.js';
import { hostsOf } from './resolve.js';
import { services } from './services.js';

/** AF_INET and AF_INET6, as Linux numbers them. */
const familyNumbers = { inet: 2, inet6: 10 } as const;
const masked = '***';

/** Plain data for JSON. Yes and no stay words; lists that the file writes with commas stay so. */
export function showConfig(config: Config): object {
  const hostnames = namesOf(config);
  return {
    global: showGlobal(config.global),
    ...(Object.keys(hostnames).length > 0 && { hostnames }),
    virtual: config.virtuals.map(showVirtual),
  };
}

function showGlobal(global: Global): object {
  return {
    ...showInherited(global),
    autoreload: yesNo(global.autoreload),
    callback: global.callback,
    execute: global.execute,
    fallback: showGlobalFallback(global.fallback),
    fallback6: showGlobalFallback(global.fallback6),
    fork: yesNo(global.fork),
    logfile: global.logfile,
    maintenancedir: global.maintenancedir,
    readdquiescent: yesNo(global.readdquiescent),
    supervised: yesNo(global.supervised),
  };
}

/** The reference keeps one for each protocol. */
function showGlobalFallback(fallback: Server | null): object | null {
  return fallback === null ? null : { tcp: showFallback(fallback), udp: showFallback(fallback) };
}

function showInherited(settings: Inherited): object {
  return {
    checkcount: settings.checkcount,
    checkinterval: settings.checkinterval,
    checktimeout: settings.checktimeout,
    cleanstop: yesNo(settings.cleanstop),
    emailalert: settings.emailalert.join(', '),
    emailalertfreq: settings.emailalertfreq,
    emailalertfrom: settings.emailalertfrom,
    emailalertstatus: settings.emailalertstatus.join(',') || 'none',
    failurecount: settings.failurecount,
    fallbackcommand: settings.fallbackcommand,
    negotiatetimeout: settings.negotiatetimeout,
    quiescent: yesNo(settings.quiescent),
    smtp: settings.smtp,
  };
}

function showVirtual(virtual: Virtual): object {
  const { endpoint } = virtual;
  return {
    addressfamily: familyNumbers[virtual.family],
    ...(endpoint.protocol === 'fwm'
      ? { fwm: endpoint.mark, port: 0 }
      : { ...showHost(endpoint.host), port: endpoint.port }),
    protocol: endpoint.protocol,
    service: virtual.service,
    scheduler: virtual.scheduler,
    ...(virtual.schedflags.length > 0 && { schedflags: virtual.schedflags.join(',') }),
    ...present({ persistent: virtual.persistent, netmask: showNetmask(virtual) }),
    ops: yesNo(virtual.ops),
    checktype: virtual.checktype,
    num_connects: virtual.connects,
    checkcommand: virtual.checkcommand,
    ...present({ checkport: virtual.checkport, checkmark: virtual.checkmark, checksource: virtual.checksource }),
    request: virtual.request,
    receive: virtual.receive?.source ?? '',
    httpmethod: virtual.httpmethod,
    ...present({ virtualhost: virtual.virtualhost }),
    login: virtual.login,
    passwd: virtual.passwd === '' ? '' : masked,
    database: virtual.database,
    secret: virtual.secret === '' ? '' : masked,
    ...showTls(virtual),
    ...showHttp(virtual),
    ...present({ dnstype: virtual.dnstype }),
    ...(virtual.requesthex !== '' && { requesthex: virtual.requesthex }),
    ...(virtual.receivehex !== '' && { receivehex: virtual.receivehex }),
    ...present({ monitorfile: virtual.monitorfile, servicename: virtual.servicename, comment: virtual.comment }),
    ...showInherited(virtual),
    ...(virtual.fallback !== null && { fallback: showFallback(virtual.fallback) }),
    real: virtual.realServers.map(showReal),
  };
}

function showTls(virtual: TlsSettings): object {
  return {
    tls: virtual.tls,
    ...(virtual.tls !== 'no' &&
      virtual.tls !== 'prefer' && { tlsverify: yesNo(virtual.tlsverify), tlsmindays: virtual.tlsmindays }),
    ...present({
      tlscafile: virtual.tlscafile?.path ?? null,
      tlsservername: virtual.tlsservername,
      tlscertfile: virtual.tlscertfile?.path ?? null,
      tlskeyfile: virtual.tlskeyfile?.path ?? null,
    }),
  };
}

/** Only for services in HTTP, which they say something about. */
function showHttp(virtual: Virtual): object {
  if (services[virtual.service].http === null) return {};
  return {
    expectstatus: virtual.expectstatus.map(statusText).join(','),
    ...(virtual.requestheader.length > 0 && {
      requestheader: virtual.requestheader.map(({ name }) => `${name}: ${masked}`),
    }),
    httpauth: virtual.httpauth,
    receivein: virtual.receivein,
    bodylimit: virtual.bodylimit,
    httpversion: virtual.httpversion,
    followredirects: yesNo(virtual.followredirects),
    keepalive: yesNo(virtual.keepalive),
  };
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

function showFallback(fallback: Server): object {
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

/** Dotted for IPv4, as it is written there. */
function showNetmask({ family, netmask }: Virtual): string | number | null {
  if (typeof netmask !== 'number' || family === 'inet6') {
    return netmask;
  }
  return [8, 16, 24, 32].map((end) => 256 - 2 ** Math.min(8, Math.max(0, end - netmask))).join('.');
}

/** Each name that is written in the file, with its address or null. */
function namesOf(config: Config): Record<string, string | null> {
  const names: Record<string, string | null> = {};
  for (const [{ name, address }] of hostsOf(config)) {
    if (name !== '' && isIP(name) === 0) names[name] = address;
  }
  return names;
}

function present(settings: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
}

function yesNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no';
}
