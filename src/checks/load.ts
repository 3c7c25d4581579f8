/** How much of a processor checks take, roughly: enough to say how many threads they need, and to spread them. */

import type { Check } from '../probes/probe.js';

/** Milliseconds of processor time, as `npm run bench` finds them, in round figures. */
const costs = { simple: 0.1, dialogue: 0.6, tls: 1.5, program: 5 } as const;

const simple: ReadonlySet<string> = new Set(['http', 'http_proxy', 'none']);

/** The share of one processor. */
export function loadOf({ type, service, tls, interval }: Check): number {
  return costs[kindOf(type, service, tls !== null)] / interval;
}

function kindOf(type: Check['type'], service: Check['service'], isSecure: boolean): keyof typeof costs {
  switch (type) {
    case 'connect':
    case 'ping':
      return 'simple';
    case 'external':
    case 'external-perl':
      return 'program';
    default:
      return isSecure ? 'tls' : simple.has(service) ? 'simple' : 'dialogue';
  }
}
