import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { comeUp, fall, forgive, isOver, type Past, policyHold } from '../../src/health/past.js';
import type { ReturnPolicy } from '../../src/model/policy-hold.js';

const damped: ReturnPolicy = { flapdamping: { base: 10, most: 60 }, resume: 'auto' };
const manual: ReturnPolicy = { flapdamping: null, resume: 'manual' };

/** What happens at which second: it falls, its checks pass again, it is forgiven. */
type Step = readonly [at: number, what: 'falls' | 'rises' | 'undrained' | 'checked'];

function after(policy: ReturnPolicy, steps: readonly Step[]): Past | null {
  let past: Past | null = null;
  for (const [second, what] of steps) {
    const now = second * 1000;
    if (what === 'falls') past = fall(past, true, policy, now);
    else if (past === null) continue;
    else if (what === 'rises') past = comeUp(past, now);
    else past = forgive(past, what === 'undrained' ? 'all' : 'damping', now);
  }
  return past;
}

/** The second until which it is held out at one, or by what. */
function heldAt(policy: ReturnPolicy, second: number, ...steps: readonly Step[]): number | string | null {
  const hold = policyHold(after(policy, steps), policy, second * 1000);
  return hold === null ? null : hold.by === 'damping' ? hold.until / 1000 : hold.by;
}

describe('flapdamping=10 60', () => {
  for (const [steps, second, expected] of [
    [[[0, 'falls']], 9, 10],
    [[[0, 'falls']], 10, null],
    // Doubled by each, to 60 at most.
    [
      [
        [0, 'falls'],
        [1, 'rises'],
        [12, 'falls'],
      ],
      13,
      32,
    ],
    [
      [
        [0, 'falls'],
        [12, 'falls'],
        [40, 'falls'],
      ],
      41,
      80,
    ],
    [
      [
        [0, 'falls'],
        [12, 'falls'],
        [40, 'falls'],
        [90, 'falls'],
        [200, 'falls'],
      ],
      201,
      260,
    ],
    // A minute in use takes one fall away; the time that it is held out does not count.
    [
      [
        [0, 'falls'],
        [1, 'rises'],
        [69, 'falls'],
      ],
      69,
      89,
    ],
    [
      [
        [0, 'falls'],
        [1, 'rises'],
        [70, 'falls'],
      ],
      70,
      80,
    ],
    [
      [
        [0, 'falls'],
        [30, 'rises'],
        [89, 'falls'],
      ],
      89,
      109,
    ],
    // Down for an hour is not stable.
    [
      [
        [0, 'falls'],
        [3600, 'rises'],
        [3601, 'falls'],
      ],
      3602,
      3621,
    ],
    [
      [
        [0, 'falls'],
        [1, 'checked'],
      ],
      2,
      null,
    ],
    [
      [
        [0, 'falls'],
        [1, 'undrained'],
        [2, 'falls'],
      ],
      3,
      12,
    ],
    // The clock was set back by a day.
    [[[86_400, 'falls']], 0, null],
  ] as readonly (readonly [readonly Step[], number, number | null])[]) {
    it(`${steps.map(([at, what]) => `${what} at ${at}`).join(', ')}; at ${second}: ${expected}`, () => {
      assert.equal(heldAt(damped, second, ...steps), expected);
    });
  }

  it('a server that was never up does not fall', () => {
    assert.equal(policyHold(fall(null, false, damped, 0), damped, 1), null);
    assert.ok(isOver(fall(null, false, damped, 0), damped, 1));
  });
});

test('resume=manual: out until it is undrained, however long; a check on request says nothing', () => {
  assert.equal(heldAt(manual, 1e6, [0, 'falls'], [1, 'rises']), 'resume');
  assert.equal(heldAt(manual, 1e6, [0, 'falls'], [1, 'checked']), 'resume');
  assert.equal(heldAt(manual, 3, [0, 'falls'], [2, 'undrained']), null);
  assert.equal(policyHold(fall(null, false, manual, 0), manual, 1)?.by, 'resume');
});

test('whatever happens, a hold lasts no longer than its maximum, and none is left where there is no policy', () => {
  const step = fc.tuple(fc.nat(600), fc.constantFrom<Step[1]>('falls', 'rises', 'undrained', 'checked'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: -600, max: 1200 }), (steps, second) => {
      const until = heldAt(damped, second, ...steps);
      assert.ok(until === null || (typeof until === 'number' && until > second && until - second <= 60));
      const past = after({ ...damped, resume: 'manual' }, steps);
      assert.equal(policyHold(past, { flapdamping: null, resume: 'auto' }, second * 1000), null);
    }),
  );
});
