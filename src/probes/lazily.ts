/** Probes whose code is loaded when it is needed: a director asks in few protocols, and each brings its packages. */

import type { Begin, Probe } from './probe.js';

/** A probe that is loaded by its first check, within that check's time, or when that is asked for. */
export type LazyProbe = Probe & { readonly load: () => Promise<unknown> };

export function lazily(load: () => Promise<Probe>): LazyProbe {
  let loaded: Probe | null = null;
  const probe: Probe & { begin?: Begin | undefined } = async (check, signal) => {
    loaded ??= await load();
    // From its first check on.
    probe.begin = loaded.begin;
    return loaded(check, signal);
  };
  return Object.assign(probe, { load });
}

export function isLazy(probe: Probe): probe is LazyProbe {
  return 'load' in probe;
}
