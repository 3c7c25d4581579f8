/** One thing to measure, of one peer in one round. */

import type { Bench } from '../bench.js';
import type { Peer, PeerName } from '../peers/peer.js';
import type { Measure, Readings } from '../results.js';

export interface Workload {
  /** For the command line. */
  readonly name: string;
  readonly title: string;
  readonly peers: readonly PeerName[];
  readonly measures: readonly Measure[];
  /** Rounds at most: what hardly varies, or takes minutes, is not done again and again. */
  readonly rounds?: number;
  /** Whether it measures the code of this process itself. */
  readonly isInProcess?: boolean;
  /** Whether it takes so long that it is done only where it is asked for by name. */
  readonly isLong?: boolean;
  readonly measure: (bench: Bench, peer: Peer) => Promise<Readings>;
}

/** `1,000`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
