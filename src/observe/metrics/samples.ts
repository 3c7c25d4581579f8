/**
 * What is measured of services and servers, as numbers in columns: the format has all servers for one metric after
 * another, and neither their status nor the text can stand in memory for as long as that takes.
 */

import { protocolId } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { AnnouncementStatus, FallbackStatus, ServerStatus, VirtualStatus } from '../../status/model.js';
import type { Counters, Transitions } from './counters.js';
import { labelText, withLabel } from './exposition.js';
import { Labels } from './labels.js';
import { fallbackRows, serverRows, virtualRows } from './server-metrics.js';

/** Of which servers there are series: of all, of those that are not as they ought to be, or of none. */
export const measuredServers = ['servers', 'problems', 'virtuals'] as const;
export type MeasuredServers = (typeof measuredServers)[number];

/** Objects that are told of as their labels, and a number each in every row. */
export class Columns<S> {
  readonly #rows: readonly ((object: S) => number | null)[];
  /** By row; null while no object has a number in it. What is not a number is not told. */
  readonly #numbers: (Float64Array | null)[];
  readonly labels = new Labels();

  constructor(rows: readonly ((object: S) => number | null)[]) {
    this.#rows = rows;
    this.#numbers = rows.map(() => null);
  }

  /** Which are not there yet. */
  add(labels: string, object: S): void {
    const place = this.labels.add(labels);
    let row = 0;
    for (const measure of this.#rows) {
      const value = measure(object);
      if (value !== null) this.#column(row, place)[place] = value;
      row += 1;
    }
  }

  /** By the places of the labels, NaN where there is nothing to tell; null where there never is. */
  numbers(row: number): Float64Array | null {
    return this.#numbers[row] ?? null;
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

/** Servers that are taken before others get the processor. */
const together = 16;

interface Counted<S> {
  readonly status: S;
  readonly transitions: Transitions;
}

const up = ({ transitions }: Counted<unknown>): number => transitions.up;
const down = ({ transitions }: Counted<unknown>): number => transitions.down;

export class Samples {
  readonly virtuals = new Columns<VirtualStatus>(virtualRows.map(({ value }) => value));
  /** With the labels that the others do without. */
  readonly virtualInfos = new Labels();
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
  readonly holds = new Labels();
  readonly names = new Labels();
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
  /** What has samples of each service: one that comes twice would have the whole answer refused. */
  readonly #known = new Map<string, Set<string>>();

  *take(virtual: VirtualStatus, counters: Pick<Counters, 'transitionsIn'>, measured: MeasuredServers): Work<void> {
    const { family, protocol, name, scheduler, title } = virtual;
    const own = { protocol: protocolId(virtual), virtual: name };
    if (virtual.announcement !== null) this.announcements.push(virtual.announcement);
    const ofVirtual = labelText(own);
    const known = this.#known.get(ofVirtual) ?? new Set();
    if (!this.#known.has(ofVirtual)) {
      this.#known.set(ofVirtual, known);
      this.virtuals.add(ofVirtual, virtual);
      this.virtualInfos.add(labelText({ ...own, scheduler, title: title ?? '' }));
    }
    const transitionsOf = counters.transitionsIn({ family, protocol, virtual: name });
    let taken = 0;
    for (const status of virtual.servers) {
      if (!isMeasured(status, measured) || known.has(status.name)) continue;
      known.add(status.name);
      const labels = withLabel(ofVirtual, 'server', status.name);
      this.servers.add(labels, { status, transitions: transitionsOf(status.name) });
      if (status.heldBy !== null) this.holds.add(withLabel(labels, 'by', status.heldBy));
      if (status.called !== status.name) this.names.add(withLabel(labels, 'called', status.called));
      taken += 1;
      if (taken % together === 0) yield;
    }
    for (const status of virtual.fallbacks) {
      const key = `fallback ${status.name}`;
      if (!status.asked || known.has(key)) continue;
      known.add(key);
      const labels = withLabel(ofVirtual, 'server', status.name);
      this.fallbacks.add(labels, { status, transitions: transitionsOf(status.name, 'fallback') });
    }
    yield;
  }
}

function isMeasured({ state, weight, wanted }: ServerStatus, measured: MeasuredServers): boolean {
  if (measured === 'problems') return state !== 'up' || weight !== wanted;
  return measured === 'servers';
}
