/** The director's shell. */

import { openHere } from '../../path/here.js';
import type { Fleet } from '../../path/setup/fleet.js';

export function openFleet(): Fleet & { readonly close: () => Promise<void> } {
  const here = openHere();
  return {
    async each(sites, work) {
      const results = [];
      for (const site of sites) results.push(await work(here, site));
      return results;
    },
    close: () => here.close(),
  };
}
