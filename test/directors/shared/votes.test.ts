/** What follows from what several directors see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contestedBy } from '../../../src/directors/shared/claims.js';
import { differencesOf } from '../../../src/directors/shared/differences.js';
import { lastingAfter } from '../../../src/directors/shared/lasting.js';
import {
  asUsual,
  type Observation,
  observationIn,
  observationText,
} from '../../../src/directors/shared/observation.js';
import { type Presence, presenceIn, presenceText } from '../../../src/directors/shared/presence.js';
import { aloneWith, ballotOf, isUpByVote, nobodyElse, type Voter } from '../../../src/directors/shared/votes.js';
import { well as presence } from './well.js';

const web1 = 'inet tcp 203.0.113.10:80 10.0.0.1:80';

function seesDown(...servers: readonly string[]): Observation {
  return { ...asUsual, down: { 'inet tcp 203.0.113.10:80': servers } };
}

function voter(name: string, observation: Observation | null, more: Partial<Presence> = {}): Voter {
  return { name, observation, presence: { ...presence, ...more } };
}

test('most decide, and where they are as many this director does', () => {
  const up = voter('lb2', asUsual);
  const down = voter('lb3', seesDown('10.0.0.1:80'));
  const cases: readonly (readonly [readonly Voter[], here: boolean, then: boolean])[] = [
    [[], false, false],
    [[], true, true],
    [[up], false, false],
    [[down], true, true],
    [[up, up], false, true],
    [[down, down], true, false],
    [[up, down], true, true],
    [[up, down], false, false],
    [[up, up, down], false, false],
    [[up, up, up, down], false, true],
  ];
  for (const [others, here, then] of cases) {
    assert.equal(
      isUpByVote(ballotOf(others, 'c0ffee'), here, () => web1),
      then,
    );
  }
});

test('who has another configuration, is not ready, does not check or cannot say all has no vote', () => {
  const without = [
    voter('a', asUsual, { config: 'other' }),
    voter('b', asUsual, { ready: false }),
    voter('c', asUsual, { checks: false }),
    voter('d', { ...asUsual, isCut: true }),
    voter('e', null),
  ];
  assert.deepEqual(ballotOf(without, 'c0ffee'), nobodyElse);
});

test('who alone sees half of its servers down is alone; who sees what others see is not', () => {
  const own = { config: 'c0ffee', servers: 40, down: 40 };
  const well = { ...presence, servers: 40, down: 1 };
  assert.deepEqual(aloneWith(own, [well, well]), { down: 40, servers: 40, others: 2 });
  assert.equal(aloneWith(own, []), null);
  assert.equal(aloneWith(own, [well, { ...well, down: 20 }]), null);
  assert.equal(aloneWith({ ...own, down: 19 }, [well]), null);
  assert.equal(
    aloneWith(own, [
      { ...well, config: 'other' },
      { ...well, ready: false },
    ]),
    null,
  );
});

test('two that are active for one address contest it, those without addresses do not', () => {
  const active = { role: 'active', vips: ['203.0.113.10', '203.0.113.11'] } as const;
  const others = [
    { name: 'lb3', presence: { role: 'active', vips: ['203.0.113.10'] } as const },
    { name: 'lb2', presence: active },
    { name: 'lb4', presence: { ...active, role: 'passive' } as const },
    { name: 'lb5', presence: { role: 'active', vips: null } as const },
  ];
  assert.deepEqual(
    [...contestedBy(active, others).values()],
    [
      { vip: '203.0.113.10', others: ['lb2', 'lb3'] },
      { vip: '203.0.113.11', others: ['lb2'] },
    ],
  );
  assert.equal(contestedBy({ role: 'active', vips: null }, others).size, 0);
});

test('what passes by itself is not told; what lasts is, once, and so is its end', () => {
  const so = new Map([['a', 'A']]);
  let news = lastingAfter(new Map<string, never>(), so, 3_000, 0);
  assert.deepEqual([news.began, news.ended, news.wait], [[], [], 3_000]);
  const short = lastingAfter(news.lasting, new Map(), 3_000, 100);
  assert.deepEqual([short.began, short.ended, short.wait], [[], [], null]);
  news = lastingAfter(news.lasting, so, 3_000, 3_000);
  assert.deepEqual([news.began, news.wait], [['A'], null]);
  news = lastingAfter(news.lasting, so, 3_000, 9_000);
  assert.deepEqual(news.began, []);
  assert.deepEqual(lastingAfter(news.lasting, new Map(), 3_000, 9_001).ended, ['A']);
});

test('in what directors differ is said with names, a few at most', () => {
  const names = Array.from({ length: 8 }, (_, index) => `10.0.0.${index}:80`);
  const own = { presence, observation: { ...asUsual, weights: { 'inet tcp 203.0.113.10:80': { '10.0.0.1:80': 5 } } } };
  const other = { presence: { ...presence, config: 'beef' }, observation: seesDown(...names) };
  const found = differencesOf(own, other);
  assert.deepEqual(
    found.map(({ kind, servers }) => [kind, servers.length]),
    [
      ['configuration', 0],
      ['health', 8],
      ['weights', 1],
    ],
  );
  assert.match(found[1]?.text ?? '', /^sees down what this one sees up: inet tcp .*, and 3 more$/);
  assert.deepEqual(differencesOf(own, own), []);
});

test('what a director says of itself is read, and what no director wrote is none', () => {
  assert.deepEqual(presenceIn(presenceText(presence)), presence);
  for (const text of ['', '{}', '[]', 'null', '{"version":1}', '{"version":"1","config":"x","role":"king"}']) {
    assert.equal(presenceIn(text), null, text);
  }
  const observation = { ...seesDown('10.0.0.1:80'), weights: { v: { s: 3 } } };
  assert.deepEqual(observationIn(observationText(observation)), observation);
  assert.equal(observationText(asUsual), '{}');
  for (const text of ['', 'null', '{"down":7,"held":[1],"weights":{"v":{"s":"x"},"w":null}}']) {
    assert.deepEqual(observationIn(text).down, {}, text);
  }
});
