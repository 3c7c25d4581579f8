/** All metrics as one text, made in slices. */

import { directorRows, durationRows, type Sources } from './director-metrics.js';
import { type Described, type Exposition, labelText, moreLabel, type Writing } from './exposition.js';
import type { Labels } from './labels.js';
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
  const { labels } = columns;
  for (const [at, row] of rows.entries()) {
    to.head(row);
    const numbers = columns.numbers(at);
    const name = Buffer.from(row.name);
    for (let place = 0; numbers !== null && place < labels.size; place += 1) {
      const value = numbers[place] ?? Number.NaN;
      if (!Number.isNaN(value)) to.sampleAt(name, labels, place, value);
      if (place % together === 0) yield;
    }
  }
}

const [up, down] = [moreLabel('to', 'up'), moreLabel('to', 'down')];

/** Which stand behind so many other rows. */
function* writeTransitions<S>(to: Exposition, columns: Columns<S>, behind: number, row: Described): Writing {
  to.head(row);
  const { labels } = columns;
  const [ups, downs] = [columns.numbers(behind), columns.numbers(behind + 1)];
  const name = Buffer.from(row.name);
  for (let place = 0; place < labels.size; place += 1) {
    to.sampleWith(name, labels, place, up, ups?.[place] ?? 0);
    to.sampleWith(name, labels, place, down, downs?.[place] ?? 0);
    if (place % together === 0) yield;
  }
}

function* writeOnes(to: Exposition, row: Described, labels: Labels): Writing {
  to.head(row);
  const name = Buffer.from(row.name);
  for (let place = 0; place < labels.size; place += 1) {
    to.sampleAt(name, labels, place, 1);
    if (place % together === 0) yield;
  }
}
