/**
 * Whether an HTTP server, or a server behind an HTTP proxy, answers with a status that is expected and, where
 * `receive` is set, with a body, headers or a status that match it. Other redirects are followed.
 */

import type { Answer, Check } from './probe.js';
import { exchange } from './wire/exchange.js';
import { answer, ProbeFailure, printable } from './wire/failure.js';
import { firstHop, type Hop, redirected } from './wire/hop.js';
import { type HttpRequest, type HttpResponse, headerLines, isIn } from './wire/http-message.js';
import { matches } from './wire/match.js';

/** As many as the reference follows. */
const redirectBound = 7;
/** Those whose Location is meant for a client to follow by itself (RFC 9110, section 15.4). */
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Intervals after which a kept connection has no next check to wait for. */
const keepIntervals = 3;

export function probeHttp(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(async () => {
    const first = firstHop(check);
    let hop = first;
    let via = '';
    for (let redirects = 0; ; redirects += 1) {
      const response = await ask(hop, first, check, signal).catch((error: unknown) => {
        throw error instanceof ProbeFailure ? error.after(via) : error;
      });
      const { status, location } = response;
      const follows = check.http.followRedirects && redirectStatuses.has(status) && !isIn(status, check.http.statuses);
      if (location === null || !follows) {
        return judge(response, check, via);
      }
      const to = `status ${status} to ${printable(location)}`;
      const next = redirected(hop, location, check);
      if (next === null) {
        throw new ProbeFailure('response', `${to}, which cannot be asked for`).after(via);
      }
      if (redirects === redirectBound) {
        throw new ProbeFailure('response', `${to}, after ${redirectBound} redirects`);
      }
      hop = next;
      via = to;
    }
  });
}

function ask(hop: Hop, first: Hop, check: Check, signal: AbortSignal): Promise<HttpResponse> {
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
  const keepFor = keepAlive ? keepIntervals * check.interval : 0;
  return exchange({ target: hop.target, version: versionFor(hop, version, check), request, keepFor }, signal);
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

function judge(response: HttpResponse, check: Check, via: string): string {
  const { receive, http } = check;
  if (!isIn(response.status, check.http.statuses)) {
    throw new ProbeFailure('response', `status ${response.status}`).after(via);
  }
  const found = `response: status ${response.status}`;
  if (receive === null) {
    return found;
  }
  const part = parts[http.receiveIn](response, http.bodyLimit);
  if (!matches(part.said, receive)) {
    throw new ProbeFailure(part.phase, `no match for "${printable(receive.source)}" in ${part.extent}`).after(via);
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
