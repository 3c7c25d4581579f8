/** The virtuals in which servers are called so: looked for among a hundred thousand, so once for all who ask. */

import type { Config, Virtual } from '../model/config.js';
import { atOnce, type Work } from '../slices.js';
import { anyCalled } from './server-names.js';

interface Found {
  readonly names: ReadonlySet<string>;
  readonly virtuals: readonly Virtual[];
}

const latest = new WeakMap<Config, Found>();

/** Looks for them, where that has not been done last. Who then wants them at once has them. */
export function* findCalled(config: Config, called: Iterable<string>): Work<readonly Virtual[]> {
  const names = new Set(called);
  const known = latest.get(config);
  if (known !== undefined && areSame(known.names, names)) return known.virtuals;
  const isMeant = anyCalled(names);
  const virtuals: Virtual[] = [];
  for (const virtual of config.virtuals) {
    if (virtual.realServers.some((real) => isMeant(real))) virtuals.push(virtual);
    yield;
  }
  latest.set(config, { names, virtuals });
  return virtuals;
}

export function calledIn(config: Config, names: Iterable<string>): readonly Virtual[] {
  return atOnce(findCalled(config, names));
}

function areSame(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && [...some].every((name) => others.has(name));
}
