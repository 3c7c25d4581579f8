import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import type { Config } from '../../../src/model/config.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { type Standings, standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

/** A virtual of servers with these numbers, and lines of its section. */
function pool(numbers: readonly number[], ...lines: readonly string[]): Config {
  const reals = numbers.map((number) => `\treal=10.0.0.${number}:80 gate ${number}\n`);
  return configOf(`virtual=192.0.2.1:80\n${reals.join('')}${lines.map((line) => `\t${line}\n`).join('')}`);
}

/** What a check says of each server, in order: up, down, or not checked yet, and then taken as up or down. */
type Said = 'u' | 'd' | 'U' | 'D';

function decide(
  config: Config,
  said: string,
  before: Standings | null = null,
  byHand: readonly Override[] = [],
): Standings {
  const reals = config.virtuals.flatMap(({ realServers }) => realServers);
  const of = new Map(reals.map((real, index) => [real, said[index] as Said]));
  const evidence = {
    isUp: (real: (typeof reals)[number]) => of.get(real)?.toLowerCase() === 'u',
    isDecided: (real: (typeof reals)[number]) => 'ud'.includes(of.get(real) ?? ''),
    isRefused: () => false,
    policyHoldOf: () => null,
  };
  return standings(config, evidence, { ...nothingAsked, byHand }, alwaysActive, 0, before);
}

/** A letter a server: `u` in use, `k` kept in use, `-` out, `x` put out of use, `w` drained. */
function shown({ of }: Standings): string {
  return [...of.values()]
    .flat()
    .map(({ place, by }) => {
      if (place === 'in use') return by === 'minimum' ? 'k' : 'u';
      return place === 'drained' ? 'w' : by === 'minimum' ? 'x' : '-';
    })
    .join('');
}

/** One decision after the other. */
function course(config: Config, ...said: readonly string[]): string[] {
  let before: Standings | null = null;
  return said.map((each) => {
    before = decide(config, each, before);
    return `${shown(before)}${before.below.size > 0 ? ' below' : ''}`;
  });
}

describe('minhealthy', () => {
  const four = [1, 2, 3, 4];
  for (const [lines, said, expected] of [
    // As ever without it.
    [[], ['uuuu', 'dddd'], ['uuuu', '----']],
    [['minhealthy=0'], ['uuuu', 'dddd'], ['uuuu', '----']],
    [['minhealthy=1'], ['uuuu', 'dduu', 'dddu', 'dddd', 'dddu'], ['uuuu', '--uu', '---u', '---k below', '---u']],
    [
      ['minhealthy=1', 'checktype=off'],
      ['dddd', 'dddd'],
      ['----', '----'],
    ],
    // Those that fall together: as many as are needed, in the order of the file.
    [['minhealthy=2'], ['uuuu', 'dddd'], ['uuuu', 'kk-- below']],
    [['minhealthy=50%'], ['uuuu', 'dddu'], ['uuuu', 'k--u below']],
    [['minhealthy=1%'], ['uuuu', 'dddd'], ['uuuu', 'k--- below']],
    [['minhealthy=100%'], ['uuuu', 'duuu', 'uuuu'], ['uuuu', 'kuuu below', 'uuuu']],
    // No more than there are.
    [['minhealthy=9'], ['uuuu', 'dddd'], ['uuuu', 'kkkk below']],
    // One more than the minimum must be healthy again, where that is a number above 1, or as many as are said.
    [['minhealthy=2'], ['uuuu', 'uudd', 'uddd', 'uudd', 'uuud'], ['uuuu', 'uu--', 'uk-- below', 'uu-- below', 'uuu-']],
    [
      ['minhealthy=2', 'hysteresis=0'],
      ['uuuu', 'uddd', 'uddu'],
      ['uuuu', 'uk-- below', 'u--u'],
    ],
    [['minhealthy=2'], ['uuuu', 'dddd', 'ddud', 'uddd'], ['uuuu', 'kk-- below', 'kku- below', 'uk-- below']],
    [
      ['minhealthy=50%', 'hysteresis=2'],
      ['uuuu', 'dddu', 'uddu', 'uuuu'],
      ['uuuu', 'k--u below', 'u--u below', 'uuuu'],
    ],
    // What is not known yet is no shortage, and what was never in use is not brought in.
    [['minhealthy=2'], ['DDDD', 'DDDd', 'Dddd', 'Dudd'], ['----', '----', '---- below', '-u-- below']],
    [['minhealthy=2'], ['UUUU', 'dUUU', 'ddUU', 'dddd'], ['uuuu', '-uuu', '--uu', '--kk below']],
    [
      ['minhealthy=2', 'belowminimum=all'],
      ['uuuu', 'uddd', 'uudd', 'uuud'],
      ['uuuu', 'ukkk below', 'uukk below', 'uuu-'],
    ],
    [
      ['minhealthy=2', 'belowminimum=all'],
      ['DDDD', 'dDDD', 'dddD'],
      ['----', '----', 'kkkk below'],
    ],
    [
      ['minhealthy=2', 'belowminimum=fallback', 'fallback=127.0.0.1:80 gate'],
      ['uuuu', 'uddd', 'uudd', 'uuud'],
      ['uuuu', 'x--- below', 'xx-- below', 'uuu-'],
    ],
  ] as const) {
    it(`${lines.join(', ') || 'none'}: ${said.join(' ')}`, () => {
      assert.deepEqual(course(pool(four, ...lines), ...said), expected);
    });
  }

  it('never outvotes what people hold out, and does not count it', () => {
    const config = pool(four, 'minhealthy=50%');
    const drains = ['10.0.0.1:80', '10.0.0.2:80'].map(
      (server): Override => ({ kind: 'drain', server, virtual: null, weight: 0, until: null, ...unknownOrigin }),
    );
    const before = decide(config, 'uuuu');
    const after = decide(config, 'uudd', before, drains);
    assert.equal(shown(after), 'wwk-');
    assert.deepEqual([...after.below.values()], [{ healthy: 0, needed: 1 }]);
  });

  it('does not count on one that the table does not take', () => {
    const config = pool([1], 'minhealthy=1');
    const refused = { isUp: () => true, isDecided: () => true, isRefused: () => true, policyHoldOf: () => null };
    const before = standings(config, refused, nothingAsked, alwaysActive, 0);
    const after = standings(config, { ...refused, isUp: () => false }, nothingAsked, alwaysActive, 0, before);
    assert.deepEqual(
      [...after.of.values()].flat().map(({ place, weight, by }) => [place, weight, by]),
      [['refused', 1, 'minimum']],
    );
  });

  it('keeps the weight that is set by hand', () => {
    const config = pool([1], 'minhealthy=1');
    const byHand: readonly Override[] = [
      { kind: 'weight', server: '10.0.0.1:80', virtual: null, weight: 70, until: null, ...unknownOrigin },
    ];
    const after = decide(config, 'd', decide(config, 'u', null, byHand), byHand);
    assert.deepEqual(
      [...after.of.values()].flat().map(({ place, weight }) => [place, weight]),
      [['in use', 70]],
    );
  });
});

test('half of a pool dead for long, and then another list of servers: nobody leaves who is needed, and it is told', () => {
  const list = (...numbers: number[]) => pool(numbers, 'minhealthy=50%');
  const old = list(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  let before = decide(old, 'uuuuuuuuuu');
  before = decide(old, 'uuuuuddddd', before);
  assert.equal(before.below.size, 0);
  // Dead ones are listed again, and one that works is not; four of eight have to stay.
  const next = list(2, 3, 4, 6, 7, 8, 9, 10);
  before = decide(next, 'uuuddddd', before);
  const used = () => shown(before).replace(/[^uk]/g, '').length;
  assert.equal(used(), 4, shown(before));
  assert.equal(before.below.size, 1, 'and that is told');
  for (const said of ['uddudddd', 'uddddddd', 'dddddddd']) {
    before = decide(next, said, before);
    assert.ok(used() >= 4, `${said}: ${shown(before)}`);
    assert.equal(before.below.size, 1);
  }
});

test('any history: who is in use are never fewer than the minimum once they were as many, and the healthy are among them', () => {
  const size = 6;
  const said = fc.string({ unit: fc.constantFrom('u', 'd'), minLength: size, maxLength: size });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 20 }), fc.integer({ min: 1, max: size }), (history, minimum) => {
      const config = pool([1, 2, 3, 4, 5, 6], `minhealthy=${minimum}`);
      let before = decide(config, 'u'.repeat(size));
      for (const each of history) {
        before = decide(config, each, before);
        const now = shown(before);
        assert.ok([...now].filter((letter) => letter === 'u' || letter === 'k').length >= minimum, `${each}: ${now}`);
        for (const [index, letter] of [...each].entries()) if (letter === 'u') assert.equal(now[index], 'u');
      }
    }),
  );
});
