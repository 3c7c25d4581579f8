/**
 * Whether an HTTP server, or a server behind an HTTP proxy, answers with a status that is expected and, where
 * `receive` is set, with a body, headers or a status that match it. Other redirects are followed.
 */

import type { Answer, Check } from './probe.js';
import { type Exchange, exchange } from './wire/exchange.js';
import { ProbeFailure, printable } from './wire/failure.js';
import { firstHop, type Hop, redirected } from './wire/hop.js';
import { type HttpRequest, type HttpResponse, headerLines, isIn } from './wire/http-message.js';
import { keyOf } from './wire/kept-connections.js';
import { matches } from './wire/match.js';

/** As many as the reference follows. */
const redirectBound = 7;
/** Those whose Location is meant for a client to follow by itself (RFC 9110, section 15.4). */
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Intervals after which a kept connection has no next check to wait for. */
const keepIntervals = 3;

/** A request on the way from the check to its answer. */
interface Step {
  readonly hop: Hop;
  readonly wanted: Exchange;
}

/** A check asks the same each time. */
const firstSteps = new WeakMap<Check, Step>();

export async function probeHttp(check: Check, signal: AbortSignal): Promise<Answer> {
  let via = '';
  try {
    const first = firstStep(check);
    let { wanted, hop } = first;
    for (let redirects = 0; ; redirects += 1) {
      const response = await exchange(wanted, signal);
      const { status, location } = response;
      const follows = check.http.followRedirects && redirectStatuses.has(status) && !isIn(status, check.http.statuses);
      if (location === null || !follows) return { ok: true, reason: judge(response, check) };
      const to = `status ${status} to ${printable(location)}`;
      const next = redirected(hop, location, check);
      if (next === null) throw new ProbeFailure('response', `${to}, which cannot be asked for`);
      if (redirects === redirectBound) {
        return { ok: false, reason: `response: ${to}, after ${redirectBound} redirects` };
      }
      hop = next;
      wanted = exchangeFor(next, first.hop, check);
      via = to;
    }
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    return { ok: false, reason: error.after(via).message };
  }
}

/** Throws a ProbeFailure where the request is none for this service. */
function firstStep(check: Check): Step {
  const known = firstSteps.get(check);
  if (known !== undefined) return known;
  const hop = firstHop(check);
  const step = { hop, wanted: exchangeFor(hop, hop, check) };
  firstSteps.set(check, step);
  return step;
}

function exchangeFor(hop: Hop, first: Hop, check: Check): Exchange {
  const { version, keepAlive, statuses, bodyLimit } = check.http;
  const request: HttpRequest = {
    method: check.httpmethod,
    scheme: hop.target.tls === null ? 'http' : 'https',
    host: hop.host,
    path: hop.path,
    headers: { ...defaultHeaders, ...(isTrusted(hop, first) ? ownHeaders(check) : {}) },
    wanted: statuses,
    bodyLimit,
  };
  const { target } = hop;
  const spoken = versionFor(hop, version, check);
  const keep = keepAlive ? { idle: keepIntervals * check.interval, key: keyOf(target, spoken, request) } : null;
  return { target, version: spoken, request, keep };
}

/** In clear there is no agreement on the version: whoever redirects there has said nothing about it. */
function versionFor({ target }: Hop, version: '1.1' | '2', { service }: Check): '1.1' | '2' {
  if (service === 'http_proxy') return '1.1';
  return target.tls === null && service === 'https' ? '1.1' : version;
}

const defaultHeaders = { 'user-agent': 'ldirectord', accept: '*/*', 'accept-encoding': 'identity' } as const;

/** Headers and passwords are for the host of the check, and what was to be under TLS goes nowhere in clear. */
function isTrusted(hop: Hop, first: Hop): boolean {
  const name = ({ host }: Hop) => host.toLowerCase().replace(/:\d+$/, '');
  return name(hop) === name(first) && (hop.target.tls !== null || first.target.tls === null);
}

function ownHeaders({ service, http, login, passwd }: Check): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (http.auth === 'basic') {
    // RFC 7617. The server under check is the proxy, where it is one.
    const name = service === 'http_proxy' ? 'proxy-authorization' : 'authorization';
    headers[name] = `Basic ${Buffer.from(`${login}:${passwd}`, 'utf8').toString('base64')}`;
  }
  const own = new Map<string, string[]>();
  for (const { name, value } of http.headers) {
    const key = name.toLowerCase();
    own.set(key, [...(own.get(key) ?? []), value]);
  }
  for (const [name, values] of own) headers[name] = values.length === 1 ? values.join() : values;
  return headers;
}

/** Throws a ProbeFailure where it is not what the check expects. */
function judge(response: HttpResponse, check: Check): string {
  const { receive, http } = check;
  if (!isIn(response.status, check.http.statuses)) {
    throw new ProbeFailure('response', `status ${response.status}`);
  }
  const found = `response: status ${response.status}`;
  if (receive === null) {
    return found;
  }
  const part = parts[http.receiveIn](response, http.bodyLimit);
  if (!matches(part.said, receive)) {
    throw new ProbeFailure(part.phase, `no match for "${printable(receive.source)}" in ${part.extent}`);
  }
  return `${found}, the ${http.receiveIn} ${http.receiveIn === 'headers' ? 'match' : 'matches'}`;
}

interface Part {
  readonly said: Buffer | string;
  readonly phase: 'response' | 'response headers' | 'response body';
  /** Of what was looked through. */
  readonly extent: string;
}

const parts: Readonly<Record<Check['http']['receiveIn'], (response: HttpResponse, bodyLimit: number) => Part>> = {
  body: ({ body }, bodyLimit) => {
    const extent = body.length === bodyLimit ? `the first ${bodyLimit} bytes` : `${body.length} bytes`;
    return { said: body, phase: 'response body', extent };
  },
  headers: (response) => ({ said: headerLines(response), phase: 'response headers', extent: 'the headers' }),
  status: ({ status, phrase }) => {
    const said = `${status} ${phrase}`.trimEnd();
    return { said, phase: 'response', extent: `"${printable(said)}"` };
  },
};
