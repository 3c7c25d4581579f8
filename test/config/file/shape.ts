/** Brings what the reference understood, and a Config, to one form that can be compared. */

import { directiveOf } from '../../../src/config/file/directives.js';
import type {
  Config,
  Fallback,
  Family,
  Host,
  Inherited,
  RealServer,
  Server,
  Virtual,
} from '../../../src/model/config.js';
import type { OracleServer, OracleValue, OracleVirtual, Understood } from '../../helpers/oracle.js';

type Shape = Record<string, unknown>;

const phases = ['starting', 'running', 'stopping', 'reloading'];
const longestTime = 2_147_483;

/** Blanks at the end of a value are invisible, and nobody means them. */
function text(value: OracleValue): string | null {
  return String(value ?? '').replace(/[ \t\v\f\r]+$/, '') || null;
}

function number(value: OracleValue, max: number, min = 0): number | null {
  return value === undefined || value === null ? null : Math.min(max, Math.max(min, Number(value)));
}

function yes(value: OracleValue): boolean | null {
  return value === undefined || value === null ? null : value === 'yes';
}

/** -1 is the reference's word for a time that is not set. */
function setting(value: OracleValue): number | null {
  return value === undefined || value === null || Number(value) === -1 ? null : number(value, longestTime, 1);
}

function counted(value: OracleValue): number | null {
  return value === undefined || value === null || Number(value) === -1 ? null : number(value, 0x7fffffff, 1);
}

function addresses(value: OracleValue): string[] | null {
  if (value === undefined || value === null) return null;
  return String(value)
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

function status(value: OracleValue): string[] | null {
  return value === undefined || value === null ? null : phases.filter((_, bit) => Number(value) & (1 << bit));
}

/** The length of a mask of leading ones; another mask as it is, as ipvsadm takes it: by inet_aton(3). */
function mask(value: OracleValue): number | string | null {
  if (value === undefined || value === null) return null;
  if (!String(value).includes('.')) return Number(value);
  const bytes = String(value)
    .split('.')
    .map((byte) => (/^0\d/.test(byte) ? Number(`0o${byte}`) : Number(byte)));
  if (bytes.some((byte) => !(byte < 256))) return null;
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : bytes.join('.');
}

function oracleServer(server: OracleServer, port: number): Shape {
  return {
    host: server.server,
    port: Number(server.port ?? port),
    forward: server.forward,
    weight: number(server.weight, 65_535),
    upper: number(server['u-threshold'] ?? 0, 0x7fffffff),
    lower: number(server['l-threshold'] ?? 0, 0x7fffffff),
    request: server.request ?? null,
    receive: server.receive ?? null,
  };
}

function oracleInherited(own: OracleVirtual, global: Understood['global']): Shape {
  const times = {
    check: setting(own.checktimeout) ?? setting(own.negotiatetimeout),
    negotiate: setting(own.negotiatetimeout) ?? setting(own.checktimeout),
    globalCheck: setting(global.checktimeout) ?? setting(global.negotiatetimeout),
    globalNegotiate: setting(global.negotiatetimeout) ?? setting(global.checktimeout),
  };
  return {
    checktimeout: times.check ?? times.globalCheck ?? 5,
    negotiatetimeout: times.negotiate ?? times.globalNegotiate ?? 30,
    checkinterval: setting(own.checkinterval) ?? setting(global.checkinterval),
    checkcount: counted(own.checkcount) ?? counted(global.checkcount),
    failurecount: counted(own.failurecount) ?? counted(global.failurecount),
    fallbackcommand: text(own.fallbackcommand ?? global.fallbackcommand),
    quiescent: yes(own.quiescent) ?? yes(global.quiescent),
    cleanstop: yes(own.cleanstop) ?? yes(global.cleanstop),
    smtp: own.smtp ?? global.smtp ?? null,
    emailalert: addresses(own.emailalert) ?? addresses(global.emailalert) ?? [],
    emailalertfrom: text(global.emailalertfrom),
    emailalertfreq: number(own.emailalertfreq ?? global.emailalertfreq, longestTime),
    emailalertstatus: status(own.emailalertstatus) ?? status(global.emailalertstatus),
  };
}

function isDefaultLogin(value: OracleValue): boolean {
  return value === 'anonymous' || /^ldirectord@\w+$/.test(String(value));
}

function oracleVirtual(virtual: OracleVirtual, global: Understood['global']): Shape {
  const inet6 = virtual.addressfamily !== 2;
  const port = Number(virtual.port);
  const globalFallback = (inet6 ? global.fallback6 : global.fallback)?.tcp;
  const fallback = virtual.fallback ?? globalFallback;
  return {
    ...oracleInherited(virtual, global),
    family: inet6 ? 'inet6' : 'inet',
    endpoint:
      virtual.protocol === 'fwm' ? `fwm ${Number(virtual.fwm)}` : `${virtual.protocol} ${virtual.server} ${port}`,
    realServers: (virtual.real ?? []).map((real) => oracleServer(real, 0)),
    fallback: fallback ? oracleServer(fallback, port) : null,
    checktype: virtual.checktype,
    // The reference keeps the number of an earlier line, and does not use it.
    connects: virtual.checktype === 'combined' ? number(virtual.num_connects, 0x7fffffff) : 0,
    service: virtual.service,
    checkcommand: text(virtual.checkcommand),
    checkport: number(virtual.checkport, 65_535),
    request: virtual.request,
    receive: virtual.receive || null,
    httpmethod: virtual.httpmethod,
    virtualhost: text(virtual.virtualhost),
    // What logs in to FTP and SIP without a name is the affair of their checks: the reference writes it
    // into the configuration, with the name of the machine, at a `service` line.
    login: isDefaultLogin(virtual.login) ? '' : virtual.login,
    passwd: isDefaultLogin(virtual.passwd) ? '' : virtual.passwd,
    database: virtual.database,
    secret: virtual.secret,
    scheduler: virtual.scheduler,
    schedflags: String(virtual.schedflags ?? '')
      .split(',')
      .filter((flag) => flag !== ''),
    persistent: number(virtual.persistent, longestTime) || null,
    netmask: mask(virtual.netmask),
    ops: virtual.ops === 'yes',
    monitorfile: text(virtual.monitorfile),
    servicename: text(virtual.servicename),
    comment: text(virtual.comment),
  };
}

export function oracleShape({ global, virtual }: Understood): Shape {
  const own: OracleVirtual = {};
  return {
    global: {
      ...oracleInherited(own, global),
      autoreload: yes(global.autoreload),
      callback: text(global.callback),
      execute: [...new Set(global.execute.map((name) => text(name)))].filter((name) => name !== null).sort(),
      fork: yes(global.fork),
      logfile: global.logfile,
      maintenancedir: text(global.maintenancedir),
      readdquiescent: yes(global.readdquiescent),
      supervised: yes(global.supervised),
      fallback: global.fallback ? oracleServer(global.fallback.tcp, 0) : null,
      fallback6: global.fallback6 ? oracleServer(global.fallback6.tcp, 0) : null,
    },
    virtuals: virtual.map((one) => oracleVirtual(one, global)),
  };
}

/** `hosts` are the addresses that the oracle gave to names in each family. */
export function configShape({ global, virtuals }: Config, hosts: Readonly<Record<string, string>>): Shape {
  const address = (host: Host, family: Family): string => {
    const found = host.address ?? hosts[`${host.name} ${family}`] ?? `unresolved ${host.name}`;
    return found.includes(':') ? `[${found}]` : found;
  };
  const server = (one: Server & Partial<RealServer>, family: Family): Shape => ({
    host: address(one.host, family),
    port: one.port,
    forward: one.forward,
    weight: one.weight,
    upper: one.upperThreshold,
    lower: one.lowerThreshold,
    request: one.request ?? null,
    receive: one.receive?.source ?? null,
  });
  // A range between names ends where the names say; the oracle's names have neighbouring addresses.
  const expanded = (real: RealServer, family: Family): Shape[] => {
    if (real.through === undefined) return [server(real, family)];
    const [from, to] = [address(real.host, family), address(real.through, family)].map((one) =>
      Number(one.split('.').at(-1)),
    );
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => ({
      ...server(real, family),
      host: `192.0.2.${Number(from) + index}`,
    }));
  };
  const inherited = (one: Inherited): Shape => ({
    checktimeout: one.checktimeout,
    negotiatetimeout: one.negotiatetimeout,
    checkinterval: one.checkinterval,
    checkcount: one.checkcount,
    failurecount: one.failurecount,
    fallbackcommand: one.fallbackcommand,
    quiescent: one.quiescent,
    cleanstop: one.cleanstop,
    smtp: one.smtp,
    emailalert: one.emailalert,
    emailalertfrom: one.emailalertfrom,
    emailalertfreq: one.emailalertfreq,
    emailalertstatus: one.emailalertstatus,
  });
  const first = ([fallback]: readonly Fallback[], family: Family) => (fallback ? server(fallback, family) : null);
  const virtual = (one: Virtual): Shape => {
    const { span: _, endpoint, fallbacks, ...rest } = one;
    const known = Object.entries(rest).filter(([keyword]) => directiveOf(keyword)?.extension !== true);
    return {
      ...Object.fromEntries(known),
      checkcommand: text(one.checkcommand),
      fallbackcommand: text(one.fallbackcommand),
      endpoint:
        endpoint.protocol === 'fwm'
          ? `fwm ${endpoint.mark}`
          : `${endpoint.protocol} ${address(endpoint.host, one.family)} ${endpoint.port}`,
      realServers: one.realServers.flatMap((real) => expanded(real, one.family)),
      fallback: first(fallbacks, one.family),
      receive: one.receive?.source ?? null,
    };
  };
  return {
    global: {
      ...inherited(global),
      autoreload: global.autoreload,
      callback: global.callback,
      execute: [...global.execute].sort(),
      fork: global.fork,
      logfile: global.logfile,
      maintenancedir: global.maintenancedir,
      readdquiescent: global.readdquiescent,
      supervised: global.supervised,
      fallback: first(global.fallbacks, 'inet'),
      fallback6: first(global.fallbacks6, 'inet6'),
    },
    virtuals: virtuals.map(virtual),
  };
}
