/** In what a director differs from this one: configuration, overrides, health, weights. */

import type { Difference, DifferenceKind } from '../../status/shared-status.js';
import { keysIn, type Observation, weightKeysIn } from './observation.js';
import type { Presence } from './presence.js';

/** Of what is said of a director. */
export interface Compared {
  readonly presence: Presence;
  readonly observation: Observation | null;
}

/** Names that a sentence lists. */
const longestList = 5;

/** What `other` has that `own` has not, and the other way round. */
export function differencesOf(own: Compared, other: Compared): readonly Difference[] {
  const found: Difference[] = [];
  if (own.presence.version !== other.presence.version) {
    found.push(whole('version', `runs ${other.presence.version}, and this one ${own.presence.version}`));
  }
  if (own.presence.config !== other.presence.config) {
    found.push(
      whole('configuration', `has configuration ${other.presence.config}, and this one ${own.presence.config}`),
    );
  }
  if (own.observation === null || other.observation === null) return found;
  const [mine, its] = [own.observation, other.observation];
  found.push(
    ...compare('overrides', new Set(keysIn(mine.held)), new Set(keysIn(its.held)), {
      more: 'holds out what this one does not',
      fewer: 'does not hold out what this one does',
    }),
    ...compare('health', new Set(keysIn(mine.down)), new Set(keysIn(its.down)), {
      more: 'sees down what this one sees up',
      fewer: 'sees up what this one sees down',
    }),
    ...compare('weights', weightWords(mine), weightWords(its), {
      more: 'has by hand what this one has not',
      fewer: 'has not by hand what this one has',
    }),
  );
  return found;
}

function whole(kind: DifferenceKind, text: string): Difference {
  return { kind, servers: [], text };
}

function weightWords(observation: Observation): Set<string> {
  return new Set([...weightKeysIn(observation)].map(([key, weight]) => `${key} weight ${weight}`));
}

function compare(
  kind: DifferenceKind,
  own: ReadonlySet<string>,
  other: ReadonlySet<string>,
  words: { readonly more: string; readonly fewer: string },
): Difference[] {
  const more = [...other].filter((key) => !own.has(key));
  const fewer = [...own].filter((key) => !other.has(key));
  return [
    ...(more.length > 0 ? [{ kind, servers: more, text: `${words.more}: ${list(more)}` }] : []),
    ...(fewer.length > 0 ? [{ kind, servers: fewer, text: `${words.fewer}: ${list(fewer)}` }] : []),
  ];
}

function list(keys: readonly string[]): string {
  const more = keys.length > longestList ? `, and ${keys.length - longestList} more` : '';
  return `${keys.slice(0, longestList).join(', ')}${more}`;
}
