/** Where an HTTP check goes: from the check's request to the first hop, and from a redirect to the next. */

import net from 'node:net';
import { ProbeFailure, printable } from '../failure.js';
import { type Check, type TlsOptions, unjudged } from '../probe.js';
import type { Peer } from '../sockets/dial.js';
import { tlsNameOf } from '../sockets/tls-name.js';
import { basicOf } from '../wire/address-login.js';

export interface Hop {
  readonly target: Peer;
  /** Scheme and authority by which the server is addressed; its authority is the Host header. */
  readonly origin: string;
  readonly host: string;
  /** Escaped; an absolute address where the target is a proxy. */
  readonly path: string;
  /** The header by that name, of the user and password that the address holds; null where it holds none. */
  readonly authorization: string | null;
}

type Scheme = 'http' | 'https';

const wellKnownPort: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/** Splits an absolute address and leaves the path as written: the URL class would fold its dots. */
const absolute = /^\/?(https?):\/\/([^/?]+)(.*)$/i;

/**
 * The first hop of a check. Host is the virtual host, or else the server's address without the port, as the
 * reference sends it. An absolute request gives the port to ask, and the address where it holds a literal
 * one; its name is not looked up, since the server under check is the one to ask.
 * Throws a ProbeFailure where the request is no address that this service can ask for.
 */
export function firstHop(check: Check): Hop {
  const scheme = schemeOf(check);
  const parts = absolute.exec(check.request);
  const host = check.virtualhost ?? bracket(check.address);
  if (check.service === 'http_proxy') {
    const url = parts?.[1]?.toLowerCase() === 'http' ? urlOf(parts[0].replace(/^\//, '')) : null;
    if (url === null || parts === null) {
      throw new ProbeFailure('request', `"${printable(check.request)}" is not an absolute http address`);
    }
    const path = `${url.origin}${escapePath(rootPath(parts[3] ?? ''))}`;
    const target = { address: check.address, port: check.port, route: check.route, tls: null };
    return { target, origin: url.origin, host: url.host, path, authorization: authorizationOf(url) };
  }
  const origin = `${scheme}://${host}`;
  if (parts?.[1]?.toLowerCase() !== scheme) {
    const target = targetOf(scheme, check, check.address, check.port, host);
    return { target, origin, host, path: escapePath(rootPath(check.request)), authorization: null };
  }
  const url = urlOf(`${scheme}://${parts[2]}`);
  if (url === null) {
    throw new ProbeFailure('request', `"${printable(check.request)}" is not an address`);
  }
  const named = unbracket(url.hostname);
  const address = net.isIP(named) === 0 ? check.address : named;
  const target = targetOf(scheme, check, address, portOf(url, scheme), host);
  return { target, origin, host, path: escapePath(rootPath(parts[3] ?? '')), authorization: authorizationOf(url) };
}

/**
 * Where a redirect leads. Every hop asks the server under check, by whatever name the redirect gives: its
 * state must not hang on a name server, on the virtual service itself, or on a machine that its answer picks.
 * Null where the location is no HTTP address, or none that the proxy under check can be asked for.
 */
export function redirect(hop: Hop, location: string, check: Check): Hop | null {
  const base = urlOf(hop.origin + (hop.path.startsWith('/') ? hop.path : ''));
  const url = check.service === 'http_proxy' ? urlOf(location, hop.path) : base && urlOf(location, base.href);
  const scheme = url?.protocol.slice(0, -1);
  if (url === null || (scheme !== 'http' && scheme !== 'https')) {
    return null;
  }
  const { origin, host } = url;
  const path = url.pathname + url.search;
  const authorization = authorizationOf(url);
  if (check.service === 'http_proxy') {
    return scheme === 'http' ? { ...hop, origin, host, path: origin + path, authorization } : null;
  }
  // To the server it is where it was already asked, though its port here can be another.
  if (origin === base?.origin) return { ...hop, path, authorization: authorization ?? hop.authorization };
  const { address, port } = placeOf(url, scheme, check);
  return { target: targetOf(scheme, check, address, port, host), origin, host, path, authorization };
}

/**
 * Where the server under check is asked for what a redirect names. Clients come by the virtual service: what they reach
 * there without a port, or with that of the service, is what the check asks, at whatever port that is.
 */
function placeOf(url: URL, scheme: Scheme, check: Check): Pick<Peer, 'address' | 'port'> {
  const isPublic = url.port === '' || Number(url.port) === check.http.publicPort;
  if (scheme === schemeOf(check) && isPublic) return firstHop(check).target;
  return { address: check.address, port: portOf(url, scheme) };
}

function authorizationOf({ username, password }: URL): string | null {
  return username === '' && password === '' ? null : `Basic ${basicOf({ user: username, password })}`;
}

function schemeOf({ service }: Check): Scheme {
  return service === 'https' ? 'https' : 'http';
}

/** The name for TLS is what the check sets for its own host, if only that there is none, and else that of the host asked. */
function targetOf(scheme: Scheme, check: Check, address: string, port: number, host: string): Peer {
  const { tls, route } = check;
  if (scheme === 'http') {
    const isCheck = tls === null && address === check.address && port === check.port;
    return isCheck ? check : { address, port, route, tls: null };
  }
  const name = tlsNameOf(host);
  const own = name?.toLowerCase() === tlsNameOf(check.virtualhost ?? check.address)?.toLowerCase();
  const servername = tls !== null && own ? tls.servername : name;
  return { address, port, route, tls: { ...(tls ?? unverified), servername } };
}

/** For a redirect from a check without TLS. */
const unverified: TlsOptions = { mode: 'yes', ...unjudged };

function portOf(url: URL, scheme: Scheme): number {
  return url.port === '' ? wellKnownPort[scheme] : Number(url.port);
}

function urlOf(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}

function rootPath(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** Escapes what cannot stand in a request line; what is escaped already stays. */
function escapePath(path: string): string {
  return path.replaceAll(/[^!$-;=?-[\]_a-z~]+/g, encodeURIComponent);
}

function bracket(address: string): string {
  return net.isIPv6(address) ? `[${address}]` : address;
}

function unbracket(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
