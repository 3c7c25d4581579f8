/** All metrics as one text, made in slices. */

import { directorRows, durationRows, type Sources } from './director-metrics.js';
import { type Described, type Exposition, labelText, type Writing, withLabel } from './exposition.js';
import type { Columns } from './samples.js';
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

/** For whoever takes portions of it meanwhile. */
export function* writeScrape(to: Exposition, sources: Sources): Writing {
  for (const row of [...directorRows, ...sharedRows]) {
    to.head(row);
    for (const [labels, value] of row.samples(sources)) to.sample(row.name, labelText(labels), value);
  }
  for (const row of durationRows) {
    to.head(row);
    for (const [labels, durations] of row.series(sources.counters)) durations.write(to, row, labelText(labels));
  }
  yield;
  const { virtuals, virtualInfos, servers, holds, names, fallbacks } = sources.samples;
  yield* writeColumns(to, virtuals, virtualRows);
  yield* writeOnes(to, virtualInfoRow, virtualInfos);
  yield* writeColumns(to, servers, serverRows);
  yield* writeTransitions(to, servers, serverRows.length, transitionRow);
  yield* writeOnes(to, holdRow, holds);
  yield* writeOnes(to, serverInfoRow, names);
  yield* writeColumns(to, fallbacks, fallbackRows);
  yield* writeTransitions(to, fallbacks, fallbackRows.length, fallbackTransitionRow);
}

function* writeColumns<S>(to: Exposition, columns: Columns<S>, rows: readonly Described[]): Writing {
  for (const [at, row] of rows.entries()) {
    to.head(row);
    for (const [place, labels] of columns.labels.entries()) {
      const value = columns.number(at, place);
      if (!Number.isNaN(value)) to.sample(row.name, labels, value);
      if (place % together === 0) yield;
    }
  }
}

/** Which stand behind so many other rows. */
function* writeTransitions<S>(to: Exposition, columns: Columns<S>, behind: number, row: Described): Writing {
  to.head(row);
  for (const [place, labels] of columns.labels.entries()) {
    to.sample(row.name, withLabel(labels, 'to', 'up'), columns.number(behind, place));
    to.sample(row.name, withLabel(labels, 'to', 'down'), columns.number(behind + 1, place));
    if (place % together === 0) yield;
  }
}

function* writeOnes(to: Exposition, row: Described, all: readonly string[]): Writing {
  to.head(row);
  for (const [place, labels] of all.entries()) {
    to.sample(row.name, labels, 1);
    if (place % together === 0) yield;
  }
}
