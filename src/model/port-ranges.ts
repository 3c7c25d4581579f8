/** Lists of ports, as ranges. */

import type { PortRange } from './config.js';

/** In ascending order, those that overlap or touch as one. */
export function mergePorts(ports: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const { from, to } of ports.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || from > last.to + 1) merged.push({ from, to });
    else if (to > last.to) merged[merged.length - 1] = { from: last.from, to };
  }
  return merged;
}
