/** Probes whose code is loaded when it is needed: a director asks in few protocols, and each brings its packages. */

import type { Probe } from './probe.js';

/** A probe that is loaded by its first check, within that check's time. */
export function lazily(load: () => Promise<Probe>): Probe {
  let loaded: Probe | null = null;
  return async (check, signal) => {
    loaded ??= await load();
    return loaded(check, signal);
  };
}
