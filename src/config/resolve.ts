/** Names to addresses, after parsing. A name that does not resolve makes its server down, not the file wrong. */

import { lookup as systemResolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Diagnostic } from './diagnostics.js';
import type { Config, Family, Host, RealServer, Server, Span, Virtual } from './model.js';
import { rangeBetween } from './range.js';

/** Gives the canonical address of a name, or rejects with an Error whose message is the reason. */
export type Lookup = (name: string, family: Family) => Promise<string>;

export interface Resolved {
  readonly config: Config;
  /** A warning for each place where a name has no address. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Lookups under way at once: libuv runs two, and the rest of its threads stay free for files. */
const concurrency = 8;

/** By family and name: an address, or why there is none. */
type Answers = ReadonlyMap<string, { readonly address: string } | { readonly reason: string }>;

/** getaddrinfo(3), so that /etc/hosts and nsswitch.conf count. It has no deadline of its own. */
export const systemLookup: Lookup = async (name, family) => {
  try {
    return (await systemResolver(name, { family: family === 'inet6' ? 6 : 4 })).address;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = code === 'EAI_AGAIN' ? 'the name servers do not answer' : 'no such name';
    throw new Error(`${cause} (${code ?? 'unknown error'})`, { cause: error });
  }
};

/** Whether a server or service waits for an address. */
export function hasUnresolved(config: Config): boolean {
  for (const [{ address }] of hostsOf(config)) if (address === null) return true;
  return false;
}

/**
 * Asks for each name once, all within `deadline` milliseconds; what has an address is not asked again.
 * Ranges between names are expanded. Without names the answer is the same object. Never rejects.
 */
export async function resolve(config: Config, lookup: Lookup, deadline: number): Promise<Resolved> {
  if (!hasUnresolved(config)) {
    return { config, diagnostics: [] };
  }
  const answers = await askAll(questions(config), lookup, deadline);
  const resolution = new Resolution(answers);
  const { fallback, fallback6 } = config.global;
  const global = {
    ...config.global,
    fallback: fallback === null ? null : resolution.server(fallback, 'inet'),
    fallback6: fallback6 === null ? null : resolution.server(fallback6, 'inet6'),
  };
  const virtuals = config.virtuals.map((virtual) => resolution.virtual(virtual));
  return { config: { global, virtuals }, diagnostics: resolution.diagnostics };
}

export function questionKey(name: string, family: Family): string {
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
  const { fallback, fallback6 } = config.global;
  if (fallback) yield [fallback.host, 'inet'];
  if (fallback6) yield [fallback6.host, 'inet6'];
  for (const { endpoint, fallback: own, family, realServers } of config.virtuals) {
    if (endpoint.protocol !== 'fwm') yield [endpoint.host, family];
    if (own) yield [own.host, family];
    for (const { host, through } of realServers) {
      yield [host, family];
      if (through) yield [through, family];
    }
  }
}

async function askAll(asked: ReadonlyMap<string, Question>, lookup: Lookup, deadline: number): Promise<Answers> {
  const answers = new Map<string, { address: string } | { reason: string }>();
  const timer = new AbortController();
  const expired = new Promise<'expired'>((settle) => {
    const timeout = setTimeout(settle, deadline, 'expired');
    timer.signal.addEventListener('abort', () => clearTimeout(timeout));
  });
  const waiting = asked.entries();
  let over = false;
  const worker = async (): Promise<void> => {
    for (const [key, { name, family }] of waiting) {
      const found = over ? 'expired' : await Promise.race([askOne(lookup, name, family), expired]);
      over ||= found === 'expired';
      answers.set(key, found === 'expired' ? { reason: `no answer within ${deadline / 1000} s` } : found);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  timer.abort();
  return answers;
}

async function askOne(lookup: Lookup, name: string, family: Family): Promise<{ address: string } | { reason: string }> {
  try {
    return { address: await lookup(name, family) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Puts answers into a configuration and notes what lacks one. */
class Resolution {
  readonly diagnostics: Diagnostic[] = [];
  readonly #answers: Answers;
  readonly #fallbacksTold = new Set<string>();

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  virtual(virtual: Virtual): Virtual {
    const { endpoint, fallback, family } = virtual;
    const host = endpoint.protocol === 'fwm' ? null : this.#host(endpoint.host, family);
    if (host?.address === null) {
      this.#warn(virtual.span, host, 'the service is left out');
    }
    const server = fallback === null ? null : this.server(fallback, family);
    if (server?.host.address === null && !this.#fallbacksTold.has(server.host.name)) {
      this.#fallbacksTold.add(server.host.name);
      this.#warn(virtual.span, server.host, 'the fallback is down');
    }
    return {
      ...virtual,
      endpoint: endpoint.protocol === 'fwm' || host === null ? endpoint : { ...endpoint, host },
      fallback: server,
      realServers: virtual.realServers.flatMap((real) => this.#realServers(real, family)),
    };
  }

  server(server: Server, family: Family): Server {
    return server.host.address === null ? { ...server, host: this.#host(server.host, family) } : server;
  }

  #realServers(real: RealServer, family: Family): readonly RealServer[] {
    if (real.host.address !== null && real.through === undefined) {
      return [real];
    }
    const host = this.#host(real.host, family);
    const expanded = real.through === undefined ? host : rangeBetween(host, this.#host(real.through, family));
    if (!('name' in expanded)) {
      const { through: _, ...one } = real;
      return expanded.map((address) => ({ ...one, host: { name: address, address } }));
    }
    if (expanded.address === null) {
      this.#warn(real.span, expanded, 'the server is down');
    }
    return [{ ...real, host: expanded }];
  }

  #host(host: Host, family: Family): Host {
    if (host.address !== null) {
      return host;
    }
    const { name } = host;
    if (isIP(name) !== 0) {
      return { name, address: name };
    }
    const answer = this.#answers.get(questionKey(name, family));
    if (answer === undefined) {
      return host;
    }
    return 'address' in answer ? { name, address: answer.address } : { name, address: null, unresolved: answer.reason };
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
