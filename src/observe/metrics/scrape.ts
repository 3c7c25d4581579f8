/** All metrics as one text, made in slices. */

import { protocolId } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { ServerStatus, VirtualStatus } from '../../status/model.js';
import type { Transitions } from './counters.js';
import { directorRows, durationRows, type Sources } from './director-metrics.js';
import { type Described, Exposition, labelText, type Writing, withLabel } from './exposition.js';
import {
  fallbackRows,
  fallbackTransitionRow,
  holdRow,
  serverInfoRow,
  serverRows,
  transitionRow,
  virtualInfoRow,
  virtualRows,
} from './server-metrics.js';
import { sharedRows } from './shared-metrics.js';

/** Every metric, in the order of the text. */
export const metricRows: readonly Described[] = [
  ...directorRows,
  ...sharedRows,
  ...durationRows,
  ...virtualRows,
  virtualInfoRow,
  ...serverRows,
  transitionRow,
  holdRow,
  serverInfoRow,
  ...fallbackRows,
  fallbackTransitionRow,
];

/** Samples that are written before others get the processor, at most. */
const together = 100;

export function* scrapeInSlices(sources: Sources): Work<readonly Buffer[]> {
  const to = new Exposition();
  for (const row of [...directorRows, ...sharedRows]) {
    to.head(row);
    for (const [labels, value] of row.samples(sources)) to.sample(row.name, labelText(labels), value);
  }
  for (const row of durationRows) {
    to.head(row);
    for (const [labels, durations] of row.series(sources.counters)) durations.write(to, row, labelText(labels));
  }
  yield;
  const virtuals = sources.status?.virtuals ?? [];
  yield* writeVirtuals(to, virtuals);
  const { counters } = sources;
  const reals = yield* findServers(
    virtuals,
    ({ servers }) => servers,
    ({ family, protocol, name }, server) =>
      counters.transitions({ family, protocol, virtual: name, server: server.name }),
  );
  yield* writeServers(to, reals, serverRows, transitionRow);
  writeHolds(to, reals);
  yield* writeNames(to, reals);
  const fallbacks = yield* findServers(
    virtuals,
    (virtual) => virtual.fallbacks.filter(({ asked }) => asked),
    ({ family, protocol, name }, { name: server }) =>
      counters.transitions({ family, protocol, virtual: name, server, role: 'fallback' }),
  );
  yield* writeServers(to, fallbacks, fallbackRows, fallbackTransitionRow);
  return to.end();
}

function* writeVirtuals(to: Exposition, virtuals: readonly VirtualStatus[]): Writing {
  const found = new Map<string, VirtualStatus>();
  for (const virtual of virtuals) {
    const labels = labelText({ protocol: protocolId(virtual), virtual: virtual.name });
    // A sample that comes twice would have the whole answer refused.
    if (!found.has(labels)) found.set(labels, virtual);
  }
  for (const row of virtualRows) {
    to.head(row);
    let written = 0;
    for (const [labels, virtual] of found) {
      const value = row.value(virtual);
      if (value !== null) to.sample(row.name, labels, value);
      written += 1;
      if (written % together === 0) yield;
    }
  }
  to.head(virtualInfoRow);
  for (const { protocol, family, name, scheduler, title } of found.values()) {
    const labels = { protocol: protocolId({ protocol, family }), virtual: name, scheduler, title: title ?? '' };
    to.sample(virtualInfoRow.name, labelText(labels), 1);
    yield;
  }
}

interface Labelled<S> {
  readonly server: S;
  readonly transitions: Readonly<Transitions>;
}

/** By their labels: a sample that comes twice would have the whole answer refused. */
type Found<S> = ReadonlyMap<string, Labelled<S>>;

function* findServers<S extends ServerStatus>(
  virtuals: readonly VirtualStatus[],
  serversOf: (virtual: VirtualStatus) => readonly S[],
  transitionsOf: (virtual: VirtualStatus, server: S) => Readonly<Transitions>,
): Work<Found<S>> {
  const found = new Map<string, Labelled<S>>();
  for (const virtual of virtuals) {
    for (const server of serversOf(virtual)) {
      const labels = labelText({ protocol: protocolId(virtual), virtual: virtual.name, server: server.name });
      if (!found.has(labels)) found.set(labels, { server, transitions: transitionsOf(virtual, server) });
    }
    yield;
  }
  return found;
}

function* writeServers<S>(
  to: Exposition,
  found: Found<S>,
  rows: readonly (Described & { readonly value: (server: S) => number | null })[],
  transitionRow: Described,
): Writing {
  for (const row of rows) {
    to.head(row);
    let written = 0;
    for (const [labels, { server }] of found) {
      const value = row.value(server);
      if (value !== null) to.sample(row.name, labels, value);
      written += 1;
      if (written % together === 0) yield;
    }
  }
  to.head(transitionRow);
  for (const [labels, { transitions }] of found) {
    to.sample(transitionRow.name, withLabel(labels, 'to', 'up'), transitions.up);
    to.sample(transitionRow.name, withLabel(labels, 'to', 'down'), transitions.down);
    yield;
  }
}

/** Of those alone that are held out. */
function writeHolds(to: Exposition, found: Found<ServerStatus>): void {
  to.head(holdRow);
  for (const [labels, { server }] of found) {
    if (server.heldBy !== null) to.sample(holdRow.name, withLabel(labels, 'by', server.heldBy), 1);
  }
}

function* writeNames(to: Exposition, found: Found<ServerStatus>): Writing {
  to.head(serverInfoRow);
  for (const [labels, { server }] of found) {
    if (server.called === server.name) continue;
    to.sample(serverInfoRow.name, withLabel(labels, 'called', server.called), 1);
    yield;
  }
}
