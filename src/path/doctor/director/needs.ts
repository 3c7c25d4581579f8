/** Needs of the director that are not met. */

import type { Machine } from '../../machine.js';
import type { Need, Wanted } from '../../need.js';
import { commandsFor } from '../../needs/commands.js';
import { isLoaded, isMet } from '../../needs/judge.js';
import type { DirectorFacts } from '../director-facts.js';
import type { Finding } from '../finding.js';
import { objectOf, seenOf } from '../seen.js';
import { onDirector } from './finding.js';

export function unmetNeeds(wanted: readonly Wanted[], { machine, loadable }: DirectorFacts): Finding[] {
  const isWithout = !isLoaded('ip_vs', machine) && loadable?.has('ip_vs') === false;
  return (
    wanted
      // Without IPVS there are no schedulers either, which says nothing more.
      .filter(({ need }) => !isWithout || need.kind !== 'module' || need.name === 'ip_vs')
      .filter(({ need }) => isToBeSeen(need, machine) && !isMet(need, machine))
      .map(({ need, code, for: services }) => {
        if (need.kind === 'module' && loadable?.has(need.name) === false) return missingModule(need.name, services);
        return onDirector(code, {
          object: objectOf(need),
          for: services,
          seen: seenOf(need, machine),
          mend: commandsFor(need, machine),
        });
      })
  );
}

/** Settings of a module that is not loaded are not there: that it is not is named itself. */
function isToBeSeen(need: Need, machine: Machine): boolean {
  return need.kind !== 'sysctl' || machine.sysctls.has(need.key) || isLoaded('ip_vs', machine);
}

function missingModule(name: string, services: readonly string[]): Finding {
  return onDirector('module-missing', {
    object: name,
    for: services,
    seen: `${name} is neither loaded nor below /lib/modules for this kernel`,
    mend: [
      name === 'ip_vs'
        ? 'install a kernel with IPVS, as linux-image-amd64 of Debian is: those for the cloud have none'
        : 'take a `scheduler` that the kernel has',
    ],
  });
}
