/** Names to addresses, after parsing. A name that does not resolve makes its server down, not the file wrong. */

import { isIP } from 'node:net';
import type { Config, Fallback, Family, Host, RealServer, Span, Virtual } from '../model/config.js';
import { addressedBy, withHost } from '../model/endpoint.js';
import { spanIn } from '../model/section-span.js';
import { atOnce, inSlices, type Work } from '../slices.js';
import type { Diagnostic } from './diagnostics/diagnostics.js';
import { rangeBetween } from './file/range.js';

/** Gives the canonical address of a name, or rejects with an Error whose message is the reason. */
export type Lookup = (name: string, family: Family) => Promise<string>;

/** Addresses that names have or had, by `questionKey`. */
export type Addresses = ReadonlyMap<string, string>;

export interface ResolveOptions {
  readonly lookup: Lookup;
  /** Milliseconds for each name, from when it is asked for. Where nobody answers at all, those that wait get no more. */
  readonly deadline: number;
  /** What names stood for before: who gets no answer keeps it. No server goes for want of a name server. */
  readonly known?: Addresses;
}

export interface Resolved {
  readonly config: Config;
  /** A warning for each place where a name has no address, and for each name that keeps its one. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of the names that were asked for. */
  readonly addresses: Addresses;
}

/** Lookups under way at once. */
const concurrency = 32;
/** Deadlines of a name until no further one is asked for. */
const longest = 10;

/** An address, which is one of before where there is a reason; or why there is none. */
type LookupAnswer = { readonly address: string; readonly reason?: string } | { readonly reason: string };
/** By family and name. */
type Answers = ReadonlyMap<string, LookupAnswer>;

const none: Addresses = new Map();

/** getaddrinfo(3), so that /etc/hosts and nsswitch.conf count. It has no deadline of its own. */
export const systemLookup: Lookup = async (name, family) => {
  try {
    const { lookup } = process.getBuiltinModule('node:dns/promises');
    return (await lookup(name, { family: family === 'inet6' ? 6 : 4 })).address;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = code === 'EAI_AGAIN' ? 'the name servers do not answer' : 'no such name';
    throw new Error(`${cause} (${code ?? 'unknown error'})`, { cause: error });
  }
};

/** Whether a server or service waits for an address. */
export function hasUnresolved(config: Config): boolean {
  return atOnce(findUnresolved(config));
}

function* findUnresolved(config: Config): Work<boolean> {
  if (addressed.has(config)) return false;
  const { virtuals } = config;
  const { fallbacks, fallbacks6 } = config.global;
  if (fallbacks.some(isOpen) || fallbacks6.some(isOpen)) return true;
  for (const virtual of virtuals) {
    if (asksForNames(virtual)) return true;
    yield;
  }
  addressed.add(config);
  return false;
}

function isOpen({ host, through }: Pick<RealServer, 'host' | 'through'>): boolean {
  return host.address === null || (through !== undefined && through.address === null);
}

/** What asks for no names, as most: it needs no look when its file is read again, or somebody asks again. */
const addressed = new WeakSet<Config | Virtual>();

function asksForNames(virtual: Virtual): boolean {
  if (addressed.has(virtual)) return false;
  const { endpoint, fallbacks, agent, realServers } = virtual;
  const own = addressedBy(endpoint);
  const asks =
    own?.address === null || agent?.host?.address === null || fallbacks.some(isOpen) || realServers.some(isOpen);
  if (!asks) addressed.add(virtual);
  return asks;
}

/**
 * Asks for each name once; what has an address is not asked again. Ranges between names are expanded. Without names the
 * answer is the same object. Never rejects.
 */
export async function resolve(config: Config, { lookup, deadline, known = none }: ResolveOptions): Promise<Resolved> {
  if (!(await inSlices(findUnresolved(config)))) {
    return { config, diagnostics: [], addresses: none };
  }
  const answers = remember(await askAll(questions(config), lookup, deadline), known);
  const resolution = new Resolution(config, answers);
  const global = resolution.global(config.global);
  const virtuals = config.virtuals.map((virtual) => resolution.virtual(virtual));
  return {
    config: { ...config, global, virtuals },
    diagnostics: resolution.diagnostics,
    addresses: addressesIn(answers),
  };
}

function remember(answers: Answers, known: Addresses): Answers {
  return new Map(
    [...answers].map(([key, answer]): [string, LookupAnswer] => {
      const address = 'address' in answer ? undefined : known.get(key);
      return [key, address === undefined ? answer : { ...answer, address }];
    }),
  );
}

function addressesIn(answers: Answers): Addresses {
  return new Map([...answers].flatMap(([key, answer]) => ('address' in answer ? [[key, answer.address]] : [])));
}

function questionKey(name: string, family: Family): string {
  return `${family} ${name}`;
}

interface Question {
  readonly name: string;
  readonly family: Family;
}

function questions(config: Config): Map<string, Question> {
  const found = new Map<string, Question>();
  for (const [{ name, address }, family] of hostsOf(config)) {
    if (address === null && isIP(name) === 0) found.set(questionKey(name, family), { name, family });
  }
  return found;
}

/** Every host of a configuration, with the family that its address is to be of. */
export function* hostsOf(config: Config): Generator<readonly [Host, Family]> {
  for (const { host } of config.global.fallbacks) yield [host, 'inet'];
  for (const { host } of config.global.fallbacks6) yield [host, 'inet6'];
  for (const { endpoint, fallbacks, agent, family, realServers } of config.virtuals) {
    const own = addressedBy(endpoint);
    if (own !== null) yield [own, family];
    for (const { host } of fallbacks) yield [host, family];
    if (agent?.host) yield [agent.host, family];
    for (const { host, through } of realServers) {
      yield [host, family];
      if (through) yield [through, family];
    }
  }
}

/** One that waits while all that are asked for time out is not asked for: nobody is there, and it would wait as long. */
async function askAll(
  asked: ReadonlyMap<string, Question>,
  lookup: Lookup,
  deadline: number,
): Promise<Map<string, LookupAnswer>> {
  const answers = new Map<string, LookupAnswer>();
  const limit = performance.now() + longest * deadline;
  const silence = { reason: `no answer within ${deadline / 1000} s` };
  const waiting = asked.entries();
  let heard = Number.NEGATIVE_INFINITY;
  let nobodyAnswers = false;
  const worker = async (): Promise<void> => {
    for (const [key, { name, family }] of waiting) {
      const began = performance.now();
      if (nobodyAnswers || began > limit) {
        answers.set(key, silence);
        continue;
      }
      const answer = await within(askOne(lookup, name, family), deadline);
      answers.set(key, answer ?? silence);
      if (answer !== null) heard = performance.now();
      else nobodyAnswers ||= heard < began;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return answers;
}

/** Null where it takes longer. */
async function within<T>(work: Promise<T>, deadline: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, deadline, null);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function askOne(lookup: Lookup, name: string, family: Family): Promise<LookupAnswer> {
  try {
    return { address: await lookup(name, family) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Puts answers into a configuration and notes what lacks one. */
class Resolution {
  readonly diagnostics: Diagnostic[] = [];
  readonly #config: Config;
  readonly #answers: Answers;
  readonly #fallbacksTold = new Set<string>();
  readonly #keptTold = new Set<string>();

  constructor(config: Config, answers: Answers) {
    this.#config = config;
    this.#answers = answers;
  }

  global(global: Config['global']): Config['global'] {
    const { fallbacks, fallbacks6 } = global;
    if (![...fallbacks, ...fallbacks6].some(isOpen)) return global;
    return {
      ...global,
      fallbacks: fallbacks.map((fallback) => this.fallback(fallback, 'inet')),
      fallbacks6: fallbacks6.map((fallback) => this.fallback(fallback, 'inet6')),
    };
  }

  /** The same object where nothing is asked for. */
  virtual(virtual: Virtual): Virtual {
    if (!asksForNames(virtual)) return virtual;
    const { endpoint, agent, family } = virtual;
    const own = addressedBy(endpoint);
    const span = spanIn(this.#config, virtual);
    const host = own && this.#host(own, family, span);
    if (host?.address === null) {
      this.#warn(span, host, 'the service is left out');
    }
    const fallbacks = virtual.fallbacks.map((fallback) => this.fallback(fallback, family, span));
    for (const { host } of fallbacks) {
      if (host.address !== null || this.#fallbacksTold.has(host.name)) continue;
      this.#fallbacksTold.add(host.name);
      this.#warn(span, host, 'the fallback is down');
    }
    const agentHost = agent?.host ? this.#host(agent.host, family, span) : null;
    if (agentHost?.address === null) {
      this.#warn(span, agentHost, 'the agent is not asked');
    }
    return {
      ...virtual,
      agent: agent && { ...agent, host: agentHost },
      endpoint: host === null ? endpoint : withHost(endpoint, host),
      fallbacks,
      realServers: virtual.realServers.flatMap((real) =>
        this.#realServers(real, family, spanIn(this.#config, virtual, real.span)),
      ),
    };
  }

  /** Of the global section, which has no place of its own, where there is no span. */
  fallback(fallback: Fallback, family: Family, span?: Span): Fallback {
    return fallback.host.address === null ? { ...fallback, host: this.#host(fallback.host, family, span) } : fallback;
  }

  #realServers(real: RealServer, family: Family, span: Span): readonly RealServer[] {
    if (real.host.address !== null && real.through === undefined) {
      return [real];
    }
    const host = this.#host(real.host, family, span);
    const expanded = real.through === undefined ? host : rangeBetween(host, this.#host(real.through, family, span));
    if (!('name' in expanded)) {
      const { through: _, ...one } = real;
      return expanded.map((address) => ({ ...one, host: { name: address, address } }));
    }
    if (expanded.address === null) {
      this.#warn(span, expanded, 'the server is down');
    }
    return [{ ...real, host: expanded }];
  }

  #host(host: Host, family: Family, span?: Span): Host {
    if (host.address !== null) {
      return host;
    }
    const { name } = host;
    if (isIP(name) !== 0) {
      return { name, address: name };
    }
    const key = questionKey(name, family);
    const answer = this.#answers.get(key);
    if (answer === undefined) {
      return host;
    }
    if (!('address' in answer)) return { name, address: null, unresolved: answer.reason };
    const { address, reason } = answer;
    if (reason !== undefined && span !== undefined && !this.#keptTold.has(key)) {
      this.#keptTold.add(key);
      const message = `“${name}” keeps its address ${address} until a reload finds out more: ${reason}`;
      this.diagnostics.push({ severity: 'warning', code: 'kept-address', message, span });
    }
    return { name, address };
  }

  #warn(span: Span, host: Host, consequence: string): void {
    this.diagnostics.push({
      severity: 'warning',
      code: 'unresolved-name',
      message: `“${host.name}” has no address: ${host.unresolved ?? 'not asked'}; ${consequence} until it has one, and is tried again`,
      span,
    });
  }
}
