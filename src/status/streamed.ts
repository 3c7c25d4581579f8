/** What can be seen of a director, a portion after another: neither the table nor all services stand in memory at once. */

import type { Virtual } from '../model/config.js';
import type { Counts, ServerStatus, Status, VirtualStatus } from './model.js';
import type { Selected } from './selection.js';

export interface StatusStream {
  readonly head: Omit<Status, 'virtuals'>;
  /** Of what was asked for. */
  readonly found: Counts;
  /** Where the next page goes on; null where there is none. */
  readonly next: string | null;
  /** Each as it is when its turn comes; rejects where the table cannot be read by then. */
  readonly virtuals: AsyncGenerator<VirtualStatus>;
}

/** There is no such place to go on from any more. */
export class NoSuchPlace extends Error {}

/** Servers of a portion, but for those of one service. */
const together = 4_000;

export type DescribeSome = (virtuals: readonly Virtual[]) => Promise<ReadonlyMap<Virtual, VirtualStatus>>;

/** Those that the configuration does not have any more by then are left out. */
export async function* streamVirtuals(
  selected: readonly Selected[],
  describe: DescribeSome,
): AsyncGenerator<VirtualStatus> {
  for (const portion of portionsOf(selected)) {
    const described = await describe(portion.map(({ virtual }) => virtual));
    for (const { virtual, servers, fallbacks } of portion) {
      const status = described.get(virtual);
      if (status !== undefined) yield limited(status, servers, fallbacks);
    }
  }
}

function* portionsOf(selected: readonly Selected[]): Generator<readonly Selected[]> {
  let portion: Selected[] = [];
  let servers = 0;
  for (const one of selected) {
    portion.push(one);
    servers += one.virtual.realServers.length;
    if (servers < together) continue;
    yield portion;
    portion = [];
    servers = 0;
  }
  if (portion.length > 0) yield portion;
}

function limited(
  status: VirtualStatus,
  servers: ReadonlySet<number> | null,
  fallbacks: ReadonlySet<number> | null,
): VirtualStatus {
  if (servers === null && fallbacks === null) return status;
  const those = <T extends ServerStatus>(all: readonly T[], places: ReadonlySet<number> | null): readonly T[] =>
    places === null ? all : all.filter((_, index) => places.has(index));
  return { ...status, servers: those(status.servers, servers), fallbacks: those(status.fallbacks, fallbacks) };
}

/** Lets one after another have something done, in the order in which they ask. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  do<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }
}
