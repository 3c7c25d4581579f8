/** The files that bring changes back after a reboot, in the words of who rules the network there. */

import type { Change } from '../../needs/change.js';
import type { Facts } from '../facts.js';
import type { FileStep, Step } from '../step.js';
import { hookFile, hooks } from './hook.js';
import { header, isOurs, kernelFiles } from './kernel-files.js';
import { networkdFiles } from './networkd.js';

export interface WantedFile {
  readonly path: string;
  readonly text: string;
  readonly mode: FileStep['mode'];
}

export interface Files {
  readonly wanted: readonly WantedFile[];
  readonly faults: readonly string[];
}

export function filesFor(
  changes: readonly Change[],
  facts: Facts,
): { readonly steps: readonly Step[]; readonly faults: readonly string[] } {
  const kernel = kernelFiles(changes);
  const network = networkFiles(changes, facts);
  const steps: Step[] = [];
  const faults = [...network.faults];
  const made = new Set<string>();
  for (const { path, text, mode } of [...kernel, ...network.wanted]) {
    const before = facts.files.get(path) ?? null;
    if (before === text) continue;
    if (before !== null && !isOurs(before)) {
      faults.push(`${path} is not ours: it has no line '${header}'; move it elsewhere first`);
      continue;
    }
    for (const directory of directoriesOf(path)) {
      if (facts.directories.has(directory) || made.has(directory)) continue;
      made.add(directory);
      steps.push({ kind: 'make-directory', path: directory });
    }
    steps.push({ kind: 'write-file', path, before, text, mode });
  }
  return { steps, faults };
}

function networkFiles(changes: readonly Change[], { ruler }: Facts): Files {
  const own = changes.filter(({ kind }) => kind !== 'sysctl' && kind !== 'load-module');
  if (own.length === 0) return { wanted: [], faults: [] };
  switch (ruler.name) {
    case 'networkd':
      return networkdFiles(own, ruler.networkFiles);
    case 'ifupdown':
    case 'NetworkManager':
      return { wanted: [hookFile(hooks[ruler.name], own)], faults: [] };
    case 'nobody':
      return {
        wanted: [],
        faults: [
          'neither systemd-networkd nor NetworkManager nor ifupdown rules the network: a reboot keeps sysctls and modules alone',
        ],
      };
  }
}

/** Of these a system may lack each: below /etc and the folder of the program. */
function directoriesOf(path: string): string[] {
  const own = path.slice(0, path.lastIndexOf('/'));
  const above = own.slice(0, own.lastIndexOf('/'));
  return above === '/etc/systemd/network' ? [above, own] : [own];
}
