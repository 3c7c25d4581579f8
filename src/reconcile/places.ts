/** Where servers and services of a configuration stand in it. */

import { serviceKey } from '../ipvs/table.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { serviceOf } from './desired.js';

const nobody: readonly Virtual[] = [];

/** Each is looked for once, when it is first asked for. */
export class Places {
  readonly #config: Config;
  #byFallback: ReadonlyMap<RealServer, Virtual> | null = null;
  #byService: ReadonlyMap<string, readonly Virtual[]> | null = null;

  constructor(config: Config) {
    this.#config = config;
  }

  /** The virtual of a fallback, which its checks see in a way of their own; undefined of other servers. */
  ofFallback(server: RealServer): Virtual | undefined {
    this.#byFallback ??= byFallback(this.#config);
    return this.#byFallback.get(server);
  }

  /** Those that make up a service of the table. */
  byService(key: string): readonly Virtual[] {
    this.#byService ??= byService(this.#config);
    return this.#byService.get(key) ?? nobody;
  }
}

function byFallback({ virtuals }: Config): ReadonlyMap<RealServer, Virtual> {
  const found = new Map<RealServer, Virtual>();
  for (const virtual of virtuals) for (const fallback of virtual.fallbacks) found.set(fallback, virtual);
  return found;
}

function byService({ virtuals }: Config): ReadonlyMap<string, readonly Virtual[]> {
  const found = new Map<string, Virtual[]>();
  for (const virtual of virtuals) {
    const service = serviceOf(virtual);
    if (service === null) continue;
    const key = serviceKey(service);
    const others = found.get(key);
    if (others) others.push(virtual);
    else found.set(key, [virtual]);
  }
  return found;
}
