/**
 * What is measured of services and servers, as numbers in columns: the format has all servers for one metric after
 * another, and neither their status nor the text can stand in memory for as long as that takes.
 */

import { protocolId } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { AnnouncementStatus, FallbackStatus, ServerStatus, VirtualStatus } from '../../status/model.js';
import type { Counters, Transitions } from './counters.js';
import { labelText, withLabel } from './exposition.js';
import { fallbackRows, serverRows, virtualRows } from './server-metrics.js';

/** Of which servers there are series: of all, of those that are not as they ought to be, or of none. */
export const measuredServers = ['servers', 'problems', 'virtuals'] as const;
export type MeasuredServers = (typeof measuredServers)[number];

/** Objects that are told of as their labels, and a number each in every row. */
export class Columns<S> {
  readonly #rows: readonly ((object: S) => number | null)[];
  /** By row; null while no object has a number in it. What is not a number is not told. */
  readonly #numbers: (Float64Array | null)[];
  readonly #known = new Set<string>();
  readonly labels: string[] = [];

  constructor(rows: readonly ((object: S) => number | null)[]) {
    this.#rows = rows;
    this.#numbers = rows.map(() => null);
  }

  /** Whether they were not there yet: a sample that comes twice would have the whole answer refused. */
  add(labels: string, object: S): boolean {
    if (this.#known.has(labels)) return false;
    this.#known.add(labels);
    const place = this.labels.push(labels) - 1;
    for (const [row, measure] of this.#rows.entries()) {
      const value = measure(object);
      if (value !== null) this.#column(row, place)[place] = value;
    }
    return true;
  }

  /** NaN where there is nothing to tell. */
  number(row: number, place: number): number {
    return this.#numbers[row]?.[place] ?? Number.NaN;
  }

  #column(row: number, place: number): Float64Array {
    const before = this.#numbers[row] ?? null;
    if (before !== null && place < before.length) return before;
    const column = new Float64Array(Math.max(64, 2 ** Math.ceil(Math.log2(place + 1)))).fill(Number.NaN);
    if (before !== null) column.set(before);
    this.#numbers[row] = column;
    return column;
  }
}

interface Counted<S> {
  readonly status: S;
  readonly transitions: Transitions;
}

const up = ({ transitions }: Counted<unknown>): number => transitions.up;
const down = ({ transitions }: Counted<unknown>): number => transitions.down;

export class Samples {
  readonly virtuals = new Columns<VirtualStatus>(virtualRows.map(({ value }) => value));
  /** With the labels that the others do without. */
  readonly virtualInfos: string[] = [];
  /** Behind the rows the two of transitions, up and down. */
  readonly servers = new Columns<Counted<ServerStatus>>([
    ...serverRows.map(
      ({ value }) =>
        (server: Counted<ServerStatus>) =>
          value(server.status),
    ),
    up,
    down,
  ]);
  readonly holds: string[] = [];
  readonly names: string[] = [];
  readonly fallbacks = new Columns<Counted<FallbackStatus>>([
    ...fallbackRows.map(
      ({ value }) =>
        (fallback: Counted<FallbackStatus>) =>
          value(fallback.status),
    ),
    up,
    down,
  ]);
  readonly announcements: AnnouncementStatus[] = [];

  *take(virtual: VirtualStatus, counters: Pick<Counters, 'transitions'>, measured: MeasuredServers): Work<void> {
    const { family, protocol, name, scheduler, title } = virtual;
    const own = { protocol: protocolId(virtual), virtual: name };
    if (virtual.announcement !== null) this.announcements.push(virtual.announcement);
    if (this.virtuals.add(labelText(own), virtual)) {
      this.virtualInfos.push(labelText({ ...own, scheduler, title: title ?? '' }));
    }
    for (const status of virtual.servers) {
      if (!isMeasured(status, measured)) continue;
      const labels = labelText({ ...own, server: status.name });
      const transitions = counters.transitions({ family, protocol, virtual: name, server: status.name });
      if (this.servers.add(labels, { status, transitions })) {
        if (status.heldBy !== null) this.holds.push(withLabel(labels, 'by', status.heldBy));
        if (status.called !== status.name) this.names.push(withLabel(labels, 'called', status.called));
      }
      yield;
    }
    for (const status of virtual.fallbacks) {
      if (!status.asked) continue;
      const subject = { family, protocol, virtual: name, server: status.name, role: 'fallback' } as const;
      this.fallbacks.add(labelText({ ...own, server: status.name }), {
        status,
        transitions: counters.transitions(subject),
      });
    }
  }
}

function isMeasured({ state, weight, wanted }: ServerStatus, measured: MeasuredServers): boolean {
  if (measured === 'problems') return state !== 'up' || weight !== wanted;
  return measured === 'servers';
}
