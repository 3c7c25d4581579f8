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

/** All of it. Rejects where the table cannot be read by then. */
export async function gather({ head, virtuals }: Pick<StatusStream, 'head' | 'virtuals'>): Promise<Status> {
  const all: VirtualStatus[] = [];
  for await (const virtual of virtuals) all.push(virtual);
  return { ...head, virtuals: all };
}

/** There is no such place to go on from any more. */
export class NoSuchPlace extends Error {}

/** Servers of which the table is read at once, but for those of one service. */
const together = 4_000;
/**
 * Servers that are described at once, likewise: of what is made of them most is gone before V8 takes it for something that
 * lasts.
 */
const few = 250;

export type DescribeSome = (virtuals: readonly Virtual[]) => Promise<ReadonlyMap<Virtual, VirtualStatus>>;
/** Reads what is needed to describe these. What describes them gives null where that is too old by now. */
export type ReadSome = (
  virtuals: readonly Virtual[],
) => Promise<(some: readonly Virtual[]) => Promise<ReadonlyMap<Virtual, VirtualStatus> | null>>;

/** Those that the configuration does not have any more by then are left out; `each` is how many servers of a service there are at most. */
export async function* streamVirtuals(
  selected: readonly Selected[],
  read: ReadSome,
  each = Number.POSITIVE_INFINITY,
): AsyncGenerator<VirtualStatus> {
  let end = 0;
  for (let at = 0; at < selected.length; ) {
    end = endOfPortion(selected, at, together);
    const describe = await read(virtualsOf(selected.slice(at, end)));
    while (at < end) {
      const some = selected.slice(at, Math.min(end, endOfPortion(selected, at, few)));
      const described = await describe(virtualsOf(some));
      if (described === null) break;
      at += some.length;
      for (const { virtual, servers, fallbacks } of some) {
        const status = described.get(virtual);
        if (status !== undefined) yield limited(status, { servers, fallbacks, each });
      }
    }
  }
}

/** Behind the service with which it is so many servers. */
function endOfPortion(selected: readonly Selected[], begin: number, most: number): number {
  let servers = 0;
  for (let at = begin; at < selected.length; at += 1) {
    servers += selected[at]?.virtual.realServers.length ?? 0;
    if (servers >= most) return at + 1;
  }
  return selected.length;
}

function virtualsOf(some: readonly Selected[]): Virtual[] {
  return some.map(({ virtual }) => virtual);
}

interface Limits extends Omit<Selected, 'virtual'> {
  readonly each: number;
}

function limited(status: VirtualStatus, { servers, fallbacks, each }: Limits): VirtualStatus {
  if (servers === null && fallbacks === null && status.servers.length <= each) return status;
  const those = <T extends ServerStatus>(all: readonly T[], places: ReadonlySet<number> | null): readonly T[] =>
    places === null ? all : all.filter((_, index) => places.has(index));
  const found = those(status.servers, servers);
  const whole = { ...sumsOf(status), found: found.length };
  return { ...status, whole, servers: firstOf(found, each), fallbacks: those(status.fallbacks, fallbacks) };
}

function sumsOf({ servers, fallbacks }: VirtualStatus) {
  let [inUse, active] = [0, 0];
  for (const server of servers) {
    if (server.inUse) inUse += 1;
    active += server.connections?.active ?? 0;
  }
  for (const { connections } of fallbacks) active += connections?.active ?? 0;
  return { servers: servers.length, inUse, active };
}

/** Those with something to say come first. */
function firstOf(servers: readonly ServerStatus[], most: number): readonly ServerStatus[] {
  if (servers.length <= most) return servers;
  const problems = servers.filter(({ state }) => state !== 'up').slice(0, most);
  return [...problems, ...servers.filter(({ state }) => state === 'up').slice(0, most - problems.length)];
}

/** Lets one after another have something done, in the order in which they ask. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  do<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    // What comes of it is for who asked, alone: it can be large.
    const ended = (): void => {};
    this.#last = done.then(ended, ended);
    return done;
  }
}
