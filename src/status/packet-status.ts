/** What the packet filter does for a virtual service. */

import type { Virtual } from '../model/config.js';
import { carriedBy } from '../model/endpoint.js';
import type { PacketState } from '../path/packets/keeper.js';
import { markCounter, snatCounter, snatSubjectOf } from '../path/packets/rules.js';
import type { PacketCounts } from './model.js';

/** Null where nothing is asked of it. */
export function packetCountsOf(virtual: Virtual, state: PacketState | null): PacketCounts | null {
  const { family, endpoint, snat } = virtual;
  const isMarked = carriedBy(endpoint) !== null;
  if (state === null || (!isMarked && !snat)) return null;
  const mark = endpoint.protocol === 'fwm' && isMarked ? markCounter({ family, mark: endpoint.mark }) : null;
  const of = snat ? snatSubjectOf(virtual) : null;
  const countOf = (counter: string | null) => (counter === null ? null : (state.counts.get(counter) ?? null));
  return { marked: countOf(mark), masqueraded: countOf(of && snatCounter({ family, of })) };
}
