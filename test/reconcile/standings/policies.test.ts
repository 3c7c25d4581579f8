import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RealServer } from '../../../src/model/config.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';
import type { PolicyHold } from '../../../src/model/policy-hold.js';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { type Standings, standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

/** Up, down, or held out by its past although it is up; in capitals where no check has decided yet. */
type Said = Readonly<Record<string, 'u' | 'd' | 'D' | 'damping' | 'resume'>>;

function decide(
  text: string,
  said: Said,
  before: Standings | null = null,
  byHand: readonly Override[] = [],
): Standings {
  const config = configOf(text);
  const of = (real: RealServer) => said[String(real.host.address).split('.')[3] ?? ''] ?? 'd';
  const evidence = {
    isUp: (real: RealServer) => of(real) !== 'd' && of(real) !== 'D',
    isDecided: (real: RealServer) => of(real) !== 'D',
    isRefused: () => false,
    policyHoldOf: (real: RealServer): PolicyHold | null => {
      const word = of(real);
      if (word === 'damping') return { by: word, until: 60_000, falls: 2 };
      return word === 'resume' ? { by: word, until: null } : null;
    },
  };
  return standings(config, evidence, { ...nothingAsked, byHand }, alwaysActive, 0, before);
}

function shown({ of, config }: Standings): string {
  const words = config.virtuals.map((virtual) =>
    (of.get(virtual) ?? []).map(({ place, by }) => (by === null ? place : `${place} by ${by}`)).join(', '),
  );
  return words.join('; ');
}

function section(opens: string, numbers: readonly number[], ...lines: readonly string[]): string {
  const reals = numbers.map((number) => `real=10.0.0.${number}:80 gate`);
  return `virtual=${opens}\n${[...reals, ...lines].map((line) => `\t${line}\n`).join('')}\n`;
}

const web = '192.0.2.1:80';

test('the minimum lets in who fell too often but passes its checks, before it keeps who does not', () => {
  const text = section(web, [1, 2, 3], 'flapdamping=10 60', 'minhealthy=2');
  const all = decide(text, { 1: 'u', 2: 'u', 3: 'u' });
  const one = decide(text, { 1: 'damping', 2: 'u', 3: 'u' }, all);
  assert.equal(shown(one), 'out by damping, in use, in use');
  const two = decide(text, { 1: 'damping', 2: 'd', 3: 'u' }, one);
  assert.equal(shown(two), 'in use by minimum, out, in use');
  assert.equal(two.below.size, 0);
  const three = decide(text, { 1: 'damping', 2: 'd', 3: 'd' }, two);
  assert.equal(shown(three), 'in use by minimum, out, in use by minimum');
  assert.deepEqual([...three.below.values()], [{ healthy: 1, needed: 2 }]);
});

test('who waits to be undrained counts, and is used by no minimum', () => {
  const text = section(web, [1, 2], 'resume=manual', 'minhealthy=2', 'belowminimum=all');
  const now = decide(text, { 1: 'resume', 2: 'u' });
  assert.equal(shown(now), 'out by resume, in use');
  assert.deepEqual([...now.below.values()], [{ healthy: 1, needed: 2 }]);
});

test('servers that go with a new list are made up for: first by those that nobody has asked yet', () => {
  const old = decide(section(web, [1, 2, 3, 4], 'minhealthy=50%'), { 1: 'u', 2: 'u', 3: 'd', 4: 'd' });
  assert.equal(old.below.size, 0);
  const text = section(web, [3, 4, 5, 6], 'minhealthy=50%');
  const next = decide(text, { 3: 'd', 4: 'd', 5: 'D', 6: 'D' }, old);
  assert.equal(shown(next), 'out, out, in use by minimum, in use by minimum');
  assert.equal(next.below.size, 0);
  // Their checks pass, or do not.
  assert.equal(shown(decide(text, { 3: 'd', 4: 'd', 5: 'u', 6: 'u' }, next)), 'out, out, in use, in use');
  const worse = decide(text, { 3: 'd', 4: 'd', 5: 'd', 6: 'u' }, next);
  assert.equal(shown(worse), 'out, out, in use by minimum, in use');
  assert.equal(worse.below.size, 1);
});

test('and then by those that are down, which were in nobody’s way before', () => {
  const old = decide(section(web, [1, 2, 3, 4], 'minhealthy=50%'), { 1: 'u', 2: 'u', 3: 'd', 4: 'd' });
  const next = decide(section(web, [2, 3, 4], 'minhealthy=50%'), { 2: 'u', 3: 'd', 4: 'd' }, old);
  assert.equal(shown(next), 'in use, in use by minimum, out');
  assert.deepEqual([...next.below.values()], [{ healthy: 1, needed: 2 }]);
});

test('a service is out while the one that it tracks has nobody, wherever in the file that stands', () => {
  const front = section('192.0.2.2:80', [5, 6], `track=${web}`, 'minhealthy=1');
  const back = section(web, [1, 2]);
  const well = { 5: 'u', 6: 'u' } as const;
  for (const [text, inOrder] of [
    [front + back, (words: readonly string[]) => words.join('; ')],
    [back + front, (words: readonly string[]) => words.toReversed().join('; ')],
  ] as const) {
    assert.equal(shown(decide(text, { ...well, 1: 'u', 2: 'd' })), inOrder(['in use, in use', 'in use, out']));
    const lost = decide(text, { ...well, 1: 'd', 2: 'd' });
    assert.equal(shown(lost), inOrder(['out by track, out by track', 'out, out']));
    assert.equal(lost.below.size, 0);
    // What is not known yet takes nobody out.
    assert.equal(shown(decide(text, { ...well, 1: 'D', 2: 'd' })), inOrder(['in use, in use', 'out, out']));
  }
});

test('a drain goes on whatever is tracked, and what is tracked can track again', () => {
  const text =
    section('192.0.2.3:80', [7, 8], 'track=192.0.2.2:80') +
    section('192.0.2.2:80', [5], `track=${web}`) +
    section(web, [1]);
  const drain = {
    kind: 'drain',
    server: '10.0.0.7:80',
    virtual: null,
    weight: 0,
    until: null,
    ...unknownOrigin,
  } as const;
  const now = decide(text, { 1: 'd', 5: 'u', 7: 'u', 8: 'u' }, null, [drain]);
  assert.equal(shown(now), 'drained, out by track; out by track; out');
});

test('names that turn out to be one another’s addresses do not go round for ever', () => {
  const text = section('192.0.2.1:80', [1]) + section('192.0.2.2:80', [2]);
  const config = configOf(text);
  const [one, two] = config.virtuals;
  assert.ok(one && two);
  const round = {
    ...config,
    virtuals: [
      { ...one, track: '192.0.2.2:80' },
      { ...two, track: '192.0.2.1:80' },
    ],
  };
  const evidence = { isUp: () => true, isDecided: () => true, isRefused: () => false, policyHoldOf: () => null };
  assert.equal(shown(standings(round, evidence, nothingAsked, alwaysActive, 0)), 'in use; in use');
});
