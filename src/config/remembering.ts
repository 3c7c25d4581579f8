/** Names that had an address keep it while the name servers are away. */

import type { Config } from './model.js';
import { hostsOf, type Lookup, questionKey } from './resolve.js';

/**
 * Asks as `lookup` does; where that fails, or says nothing within `patience` milliseconds, the answer is the
 * address that the name has in `known`. A reload while the name servers are away takes no server out.
 */
export function remembering(lookup: Lookup, known: Config, patience = 150): Lookup {
  const addresses = new Map<string, string>();
  for (const [{ name, address }, family] of hostsOf(known)) {
    if (address !== null && address !== name) addresses.set(questionKey(name, family), address);
  }
  return async (name, family) => {
    const address = addresses.get(questionKey(name, family));
    if (address === undefined) return lookup(name, family);
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, patience, address);
    });
    try {
      return await Promise.race([lookup(name, family).catch(() => address), impatient]);
    } finally {
      clearTimeout(timer);
    }
  };
}
