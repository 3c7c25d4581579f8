/** From configuration to checks: what to ask of each real server, and which servers need no asking. */

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { HttpSettings, NamedFile, RealServer, Virtual } from '../config/model.js';
import { endpointName, hostText } from '../config/names.js';
import { wellKnownPorts } from '../config/well-known-ports.js';
import type { Check, HttpOptions, Pem, TlsOptions } from '../probes/probe.js';

/** Health that needs no check, and why. */
export interface Settled {
  readonly up: boolean;
  readonly reason: string;
}

/** The health of a virtual's servers where it is settled; null where they are asked. */
export function settled({ checktype, service }: Virtual): Settled | null {
  if (checktype === 'on') return { up: true, reason: 'checktype=on' };
  if (checktype === 'off') return { up: false, reason: 'checktype=off' };
  return checktype === 'negotiate' && service === 'none' ? { up: true, reason: 'service=none' } : null;
}

/** The check of a real server of a virtual that is not settled; null while its name has no address. */
export function checkOf(virtual: Virtual, real: RealServer): Check | null {
  if (virtual.checktype === 'on' || virtual.checktype === 'off' || real.host.address === null) return null;
  const { endpoint } = virtual;
  return {
    // Without a service there is nothing to negotiate between the connects.
    type: virtual.checktype === 'combined' && virtual.service === 'none' ? 'connect' : virtual.checktype,
    connects: virtual.connects,
    service: virtual.service,
    protocol: endpoint.protocol,
    family: virtual.family,
    address: real.host.address,
    port: portOf(virtual, real),
    route: { mark: virtual.checkmark, source: virtual.checksource },
    interval: virtual.checkinterval * 1000,
    checkTimeout: virtual.checktimeout * 1000,
    negotiateTimeout: virtual.negotiatetimeout * 1000,
    checkcount: virtual.checkcount,
    request: real.request ?? virtual.request,
    receive: real.receive ?? virtual.receive,
    httpmethod: virtual.httpmethod,
    virtualhost: virtual.virtualhost,
    login: virtual.login,
    passwd: virtual.passwd,
    database: virtual.database,
    secret: virtual.secret,
    tls: tlsOf(virtual),
    http: httpOf(virtual),
    dnsType: virtual.dnstype,
    hex: { request: virtual.requesthex, receive: virtual.receivehex },
    command: virtual.checkcommand,
    args: externalArguments(virtual, real),
  };
}

function tlsOf(virtual: Virtual): TlsOptions | null {
  if (virtual.tls === 'no') return null;
  const { tlscafile, tlscertfile, tlskeyfile } = virtual;
  return {
    mode: virtual.tls,
    verify: virtual.tlsverify,
    servername: nameOnly(virtual.tlsservername ?? virtual.virtualhost),
    ca: tlscafile && pemOf(tlscafile),
    client: tlscertfile && { cert: pemOf(tlscertfile), key: pemOf(tlskeyfile ?? tlscertfile) },
    minDays: virtual.tlsmindays,
  };
}

function pemOf({ text, digest }: NamedFile): Pem {
  return { text, digest };
}

/** Without a port; null for an address, which TLS cannot ask for (RFC 6066, section 3). */
function nameOnly(host: string | null): string | null {
  const name = host?.replace(/:\d+$/, '') ?? '';
  return name === '' || name.startsWith('[') || isIP(name) !== 0 ? null : name;
}

function httpOf(settings: HttpSettings): HttpOptions {
  return {
    statuses: settings.expectstatus,
    headers: settings.requestheader,
    auth: settings.httpauth,
    receiveIn: settings.receivein,
    bodyLimit: settings.bodylimit,
    version: settings.httpversion,
    followRedirects: settings.followredirects,
    keepAlive: settings.keepalive,
  };
}

/** The check port, else the server's own; where the file leaves that out, the service's, else the virtual's. */
function portOf({ checkport, service, endpoint }: Virtual, real: RealServer): number {
  return checkport ?? (real.port || (wellKnownPorts[service] ?? (endpoint.protocol === 'fwm' ? 0 : endpoint.port)));
}

/** Virtual address or mark, virtual port, real address, real port: what an external check is called with. */
function externalArguments(virtual: Virtual, real: RealServer): readonly string[] {
  if (virtual.checktype !== 'external' && virtual.checktype !== 'external-perl') return [];
  const { endpoint } = virtual;
  const [name, port] =
    endpoint.protocol === 'fwm' ? [endpointName(endpoint), 0] : [hostText(endpoint.host), endpoint.port];
  return [name, String(port), hostText(real.host), String(real.port)];
}

/**
 * Two checks with one key are one check: everything that the probe sees, and when it runs. A digest, since a
 * key stands in many places and passwords are part of it; of files their own digests, since bundles of
 * authorities are long.
 */
export function checkKey(check: Check): string {
  const seen = JSON.stringify(check, (_name, value) => {
    if (value instanceof RegExp) return undefined;
    return isPem(value) ? value.digest : value;
  });
  return createHash('sha256').update(seen).digest('base64url');
}

function isPem(value: unknown): value is Pem {
  return typeof value === 'object' && value !== null && 'digest' in value && 'text' in value;
}
