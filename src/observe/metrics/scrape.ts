/** All metrics as one text, made in slices. */

import { protocolId } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { ServerStatus, VirtualStatus } from '../../status/model.js';
import type { Counters, Transitions } from './counters.js';
import { directorRows, durationRows, type Sources } from './director-metrics.js';
import { type Described, Exposition, labelText, type Writing, withLabel } from './exposition.js';
import { serverRows, transitionRow, virtualInfoRow, virtualRows } from './server-metrics.js';

/** Every metric, in the order of the text. */
export const metricRows: readonly Described[] = [
  ...directorRows,
  ...durationRows,
  ...virtualRows,
  virtualInfoRow,
  ...serverRows,
  transitionRow,
];

/** Samples that are written before others get the processor, at most. */
const together = 100;

export function* scrapeInSlices(sources: Sources): Work<readonly Buffer[]> {
  const to = new Exposition();
  for (const row of directorRows) {
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
  yield* writeServers(to, virtuals, sources.counters);
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

interface Labelled {
  readonly server: ServerStatus;
  readonly transitions: Readonly<Transitions>;
}

function* writeServers(to: Exposition, virtuals: readonly VirtualStatus[], counters: Counters): Writing {
  const found = new Map<string, Labelled>();
  for (const virtual of virtuals) {
    const { family, protocol, name } = virtual;
    for (const server of virtual.servers) {
      const labels = labelText({ protocol: protocolId(virtual), virtual: name, server: server.name });
      if (found.has(labels)) continue;
      found.set(labels, {
        server,
        transitions: counters.transitions({ family, protocol, virtual: name, server: server.name }),
      });
    }
    yield;
  }
  for (const row of serverRows) {
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
