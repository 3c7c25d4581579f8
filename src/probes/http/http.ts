/**
 * Whether an HTTP server, or a server behind an HTTP proxy, answers with a status that is expected and, where
 * `receive` is set, with a body, headers or a status that match it. Other redirects are followed.
 */

import { guarded } from '../confinement.js';
import { answerOf, ProbeFailure, printable } from '../failure.js';
import { type Check, type Ending, type Probe, probeBy } from '../probe.js';
import { tlsNameOf } from '../sockets/tls-name.js';
import { SessionPlace } from '../sockets/tls-sessions.js';
import { matches } from '../wire/match.js';
import { beginExchange, type Exchange } from './exchange.js';
import { firstHop, type Hop, redirect } from './hop.js';
import { type Asker, defaultHeaders, type HttpRequest, type HttpResponse, headerLines, isIn } from './http-message.js';
import { Keep } from './kept-connections.js';

/** As many as the reference follows. */
const redirectBound = 7;
/** Those whose Location is meant for a client to follow by itself (RFC 9110, section 15.4). */
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Intervals after which a kept connection has no next check to wait for. */
const keepIntervals = 3;

/** A check asks the same each time, over the connection that it keeps. */
const firstExchanges = new WeakMap<Check, Exchange>();

export const probeHttp: Probe = probeBy((check, signal, ending) => new Course(check, signal, ending).begin());

/** From the first request to the last redirect. */
class Course implements Asker {
  readonly #check: Check;
  readonly #signal: AbortSignal;
  readonly #ending: Ending;
  #wanted: Exchange | null = null;
  /** Where a redirect has led; null before the first one. */
  #hop: Hop | null = null;
  #redirects = 0;
  /** What the server said before. */
  #via = '';

  constructor(check: Check, signal: AbortSignal, ending: Ending) {
    this.#check = check;
    this.#signal = signal;
    this.#ending = ending;
  }

  begin(): void {
    try {
      this.#wanted = firstExchange(this.#check);
    } catch (error) {
      this.failed(error);
      return;
    }
    beginExchange(this.#wanted, this.#signal, this);
  }

  answered(response: HttpResponse): void {
    try {
      const { status, location } = response;
      const { followRedirects, statuses } = this.#check.http;
      const follows = followRedirects && redirectStatuses.has(status) && !isIn(status, statuses);
      if (location !== null && follows) this.#follow(status, location);
      else this.#ending.settle({ ok: true, reason: judge(response, this.#check) });
    } catch (error) {
      this.failed(error);
    }
  }

  /** By a ProbeFailure, or by a mistake in here. */
  failed(error: unknown): void {
    if (error instanceof ProbeFailure) this.#ending.settle(answerOf(error.after(this.#via)));
    else this.#ending.broken(error);
  }

  #follow(status: number, location: string): void {
    const to = `status ${status} to ${printable(location)}`;
    const first = firstHop(this.#check);
    const last: Hop = this.#hop ?? first;
    const next = redirect(last, location, this.#check);
    if (next === null) throw new ProbeFailure('response', `${to}, which cannot be asked for`);
    if (this.#redirects === redirectBound) {
      this.#ending.settle({ ok: false, reason: `response: ${to}, after ${redirectBound} redirects` });
      return;
    }
    this.#redirects += 1;
    this.#hop = next;
    // To the same place the same connection will do, or session.
    const kept = next.target === last.target ? this.#wanted : null;
    const wanted = exchangeFor(next, first, this.#check, kept ?? nothingKept);
    this.#wanted = wanted;
    this.#via = to;
    // When what has brought the answer is through with it.
    queueMicrotask(guarded(() => beginExchange(wanted, this.#signal, this)));
  }
}

/** Throws a ProbeFailure where the request is none for this service. */
function firstExchange(check: Check): Exchange {
  const known = firstExchanges.get(check);
  if (known !== undefined) return known;
  const hop = firstHop(check);
  const kept = keptBy(hop, check);
  const wanted = exchangeFor(hop, hop, check, kept);
  // What is soon made anew is not kept: of thousands it would take much memory.
  if (kept !== nothingKept) firstExchanges.set(check, wanted);
  return wanted;
}

type Kept = Pick<Exchange, 'keep' | 'sessions'>;

const nothingKept: Kept = { keep: null, sessions: null };

/** What one check leaves for the next. Where days of validity are asked for, each looks at the certificate anew. */
function keptBy({ target: { tls } }: Hop, { http, interval }: Check): Kept {
  if (tls !== null && tls.minDays > 0) return nothingKept;
  if (http.keepAlive) return { keep: new Keep(keepIntervals * interval), sessions: null };
  return tls === null ? nothingKept : { keep: null, sessions: new SessionPlace() };
}

function exchangeFor(hop: Hop, first: Hop, check: Check, { keep, sessions }: Kept): Exchange {
  const { version, statuses, bodyLimit } = check.http;
  const request: HttpRequest = {
    method: check.httpmethod,
    scheme: hop.target.tls === null ? 'http' : 'https',
    host: hop.host,
    path: hop.path,
    headers: headersFor(hop, first, check),
    wanted: statuses,
    bodyLimit,
    keepsHead: check.receive !== null && check.http.receiveIn !== 'body',
    keepsBody: check.receive !== null && check.http.receiveIn === 'body',
  };
  return { target: hop.target, version: versionFor(hop, version, check), request, keep, sessions };
}

/** In clear there is no agreement on the version: whoever redirects there has said nothing about it. */
function versionFor({ target }: Hop, version: '1.1' | '2', { service }: Check): '1.1' | '2' {
  if (service === 'http_proxy') return '1.1';
  return target.tls === null && service === 'https' ? '1.1' : version;
}

/** A user and password in an address count where nothing else logs in, as with the reference. */
function headersFor(hop: Hop, first: Hop, check: Check): HttpRequest['headers'] {
  const trusted = isTrusted(hop, first);
  const headers = trusted ? headersOf(check) : defaultHeaders;
  const authorization = hop.authorization ?? (trusted ? first.authorization : null);
  return authorization === null ? headers : { authorization, ...headers };
}

/** Headers and passwords are for the host of the check, and what was to be under TLS goes nowhere in clear. */
function isTrusted(hop: Hop, first: Hop): boolean {
  const name = ({ host }: Hop) => tlsNameOf(host.toLowerCase());
  return name(hop) === name(first) && (hop.target.tls !== null || first.target.tls === null);
}

/** The same object for all checks that have none of their own. */
function headersOf({ service, http, login, passwd }: Check): HttpRequest['headers'] {
  if (http.auth !== 'basic' && http.headers.length === 0) return defaultHeaders;
  const headers: Record<string, string | string[]> = { ...defaultHeaders };
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
  if (receive === null) return describeMatch(response.status, '');
  const part = parts[http.receiveIn](response, http.bodyLimit);
  if (!matches(part.said, receive)) {
    // What did not come could have matched.
    if (part.phase === 'response body' && response.broken !== null) throw response.broken;
    throw new ProbeFailure(part.phase, `no match for "${printable(receive.source)}" in ${part.extent}`);
  }
  return describeMatch(response.status, part.match);
}

/** By what matched and by status: the same few, again and again, of which each check keeps one. */
const successes = new Map<string, Map<number, string>>();

function describeMatch(status: number, match: string): string {
  const byStatus = successes.get(match) ?? new Map<number, string>();
  successes.set(match, byStatus);
  const said = byStatus.get(status) ?? `response: status ${status}${match}`;
  byStatus.set(status, said);
  return said;
}

interface Part {
  readonly said: Buffer | string;
  readonly phase: 'response' | 'response headers' | 'response body';
  /** Of what was looked through. */
  readonly extent: string;
  readonly match: string;
}

const parts: Readonly<Record<Check['http']['receiveIn'], (response: HttpResponse, bodyLimit: number) => Part>> = {
  body: ({ body }, bodyLimit) => {
    const extent = body.length === bodyLimit ? `the first ${bodyLimit} bytes` : `${body.length} bytes`;
    return { said: body, phase: 'response body', extent, match: ', the body matches' };
  },
  headers: (response) => ({
    said: headerLines(response),
    phase: 'response headers',
    extent: 'the headers',
    match: ', the headers match',
  }),
  status: ({ status, phrase }) => {
    const said = `${status} ${phrase}`.trimEnd();
    return { said, phase: 'response', extent: `"${printable(said)}"`, match: ', the status matches' };
  },
};
