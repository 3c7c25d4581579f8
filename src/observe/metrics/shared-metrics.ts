/** What is measured of directors that share a store: one row a metric, absent where there is none. */

import { differenceKinds, type SharedStatus } from '../../status/shared-status.js';
import type { DirectorRow, Labelled } from './director-metrics.js';

function row(
  name: string,
  help: string,
  labels: readonly string[],
  samples: (shared: SharedStatus) => readonly Labelled[],
): DirectorRow {
  return {
    name: `ldirectord_${name}`,
    type: 'gauge',
    help: `${help}; absent without a store`,
    labels,
    samples: ({ status }) => (status?.shared ? samples(status.shared) : []),
  };
}

export const sharedRows: readonly DirectorRow[] = [
  row('director_present', 'Whether a director is there, 1 or 0', ['director'], ({ directors }) =>
    directors.map(({ name, there }) => [{ director: name }, Number(there !== null)]),
  ),
  row('director_ready', 'Whether a director that is there is ready, 1 or 0', ['director'], ({ directors }) =>
    directors.flatMap(({ name, there }): Labelled[] => (there ? [[{ director: name }, Number(there.ready)]] : [])),
  ),
  row(
    'director_active',
    'Whether a director that is there is active for any address, 1 or 0',
    ['director'],
    ({ directors }) =>
      directors.flatMap(({ name, there }): Labelled[] =>
        there ? [[{ director: name }, Number(there.role !== 'passive')]] : [],
      ),
  ),
  row(
    'directors_differ',
    'In how many servers, or as a whole, another director that is there differs from this one',
    ['director', 'what'],
    ({ directors }) =>
      directors.flatMap(({ name, isSelf, there, differences }): Labelled[] => {
        if (isSelf || there === null) return [];
        return differenceKinds.map((what) => {
          const found = differences.filter(({ kind }) => kind === what);
          const servers = found.reduce((sum, one) => sum + Math.max(1, one.servers.length), 0);
          return [{ director: name, what }, servers];
        });
      }),
  ),
  row(
    'director_alone',
    'Whether this director alone sees half of its servers or more down, 1 or 0',
    [],
    ({ alone }) => [[{}, Number(alone)]],
  ),
  row('split_brain_addresses', 'Addresses that this director and others are active for at once', [], (shared) => [
    [{}, shared.contested.length],
  ]),
  row('shared_pending', 'Drains and weights of this director that the store does not have yet', [], ({ pending }) => [
    [{}, pending],
  ]),
  row('shared_misread', 'Keys of the store that mean nothing', [], ({ misread }) => [[{}, misread.length]]),
];
