/** A short text for what a configuration says, however its file is written: who has the same one asks the same of servers. */

import type { Config } from '../model/config.js';
import type { Work } from '../slices.js';
import { showConfig } from './show.js';

/** Real servers that are written out at once. */
const together = 200;
/** Characters: two that differ have another one, but for one case in 2^48. */
const length = 12;

/** As `show-config` has it, without what resolvers say. */
export function* configDigest(config: Config): Work<string> {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256');
  const add = (part: Config): void => {
    const { hostnames: _, ...shown } = showConfig(part) as { readonly hostnames?: unknown };
    hash.update(JSON.stringify(shown));
  };
  add({ ...config, virtuals: [] });
  for (const virtual of config.virtuals) {
    for (let at = 0; at === 0 || at < virtual.realServers.length; at += together) {
      add({ ...config, virtuals: [{ ...virtual, realServers: virtual.realServers.slice(at, at + together) }] });
      yield;
    }
  }
  return hash.digest('hex').slice(0, length);
}
