/** What happens to a director with two services, at random: `back`, with agents and fallbacks, and `front`, which tracks it. */

import fc from 'fast-check';

export type Pool = 'back' | 'front';

/** Which servers and fallbacks the file has, by their numbers. */
export interface Lists {
  readonly back: readonly number[];
  readonly front: readonly number[];
  readonly sorry: readonly number[];
}

export interface Rules {
  readonly failurecount: number;
  readonly risecount: number;
  readonly flapdamping: readonly [base: number, most: number] | null;
  readonly resume: 'auto' | 'manual';
  readonly slowstart: number;
  readonly minhealthy: number;
  readonly belowminimum: 'keep' | 'withdraw';
  readonly agentmaxage: number;
  readonly fallbackcheck: boolean;
  readonly fallbackuse: 'first' | 'all';
}

export type Step = { readonly after: number } & (
  | { readonly does: 'result'; readonly pool: Pool | 'sorry'; readonly server: number; readonly ok: boolean }
  | { readonly does: 'drain' | 'undrain'; readonly pool: Pool; readonly server: number }
  /** The agent of a server of `back` says these words; none is no answer. */
  | { readonly does: 'say'; readonly server: number; readonly words: readonly AgentSays[] }
  | { readonly does: 'reload'; readonly lists: Lists }
  | { readonly does: 'die' }
);

export const agentWords = [
  'up',
  'down',
  'stopped',
  'ready',
  'drain',
  'maint',
  '0%',
  '40%',
  '300%',
  'weight:7',
] as const;
export type AgentSays = (typeof agentWords)[number];

/**
 * What is seen: of each server, `back 1`, whether it is `out`, `drained`, or the weight that it has in use; of each
 * fallback, `sorry 1`, whether it would answer.
 */
export type Seen = ReadonlyMap<string, 'out' | 'drained' | number | boolean>;

const server = fc.constantFrom(1, 1, 2, 3);
const pool = fc.constantFrom<Pool>('back', 'back', 'front');
const servers = fc.uniqueArray(server, { minLength: 1, maxLength: 3 });
export const lists: fc.Arbitrary<Lists> = fc.record({
  back: servers,
  front: servers,
  sorry: fc.uniqueArray(server, { maxLength: 3 }),
});

const after = fc.integer({ min: 1, max: 60 }).map((tenths) => tenths * 100);
const ok = fc.constantFrom(true, true, false);

const words = fc.array(fc.constantFrom(...agentWords), { maxLength: 2 });
const sorry = fc.constant('sorry' as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant('result' as const), pool, server, ok, after }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('result' as const), pool: sorry, server, ok, after }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('say' as const), server, words, after }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constantFrom('drain' as const, 'undrain' as const), pool, server, after }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('reload' as const), lists, after }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('die' as const), after }) },
);
export const history = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });

export const rules = fc.record<Rules>({
  failurecount: fc.constantFrom(1, 1, 2),
  risecount: fc.constantFrom(1, 1, 1, 2, 3),
  flapdamping: fc.constantFrom(null, [8, 64] as const, [12, 24] as const),
  resume: fc.constantFrom('auto', 'auto', 'manual'),
  slowstart: fc.constantFrom(0, 20),
  minhealthy: fc.constant(0),
  belowminimum: fc.constantFrom('keep', 'withdraw'),
  agentmaxage: fc.constantFrom(0, 15),
  fallbackcheck: fc.boolean(),
  fallbackuse: fc.constantFrom('first', 'all'),
});
