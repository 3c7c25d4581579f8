import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, RealServer } from '../../../src/model/config.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';
import type { PolicyHold } from '../../../src/model/policy-hold.js';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { type Standings, standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

/** A virtual of servers with these numbers and a weight of 100, and lines of its section. */
function pool(numbers: readonly number[], ...lines: readonly string[]): Config {
  const reals = numbers.map((number) => `\treal=10.0.0.${number}:80 gate 100\n`);
  return configOf(`virtual=192.0.2.1:80\n${reals.join('')}${lines.map((line) => `\t${line}\n`).join('')}`);
}

interface Said {
  /** `u` up, `d` down; in capitals as long as no check has decided it. */
  readonly said: string;
  readonly byHand?: readonly Override[];
  readonly holds?: ReadonlyMap<number, PolicyHold>;
}

function decide(config: Config, now: number, { said, byHand = [], holds }: Said, before: Standings | null): Standings {
  const reals = config.virtuals.flatMap(({ realServers }) => realServers);
  const letter = (real: RealServer): string => said[reals.indexOf(real)] ?? 'd';
  const evidence = {
    isUp: (real: RealServer) => letter(real).toLowerCase() === 'u',
    isDecided: (real: RealServer) => 'ud'.includes(letter(real)),
    isRefused: () => false,
    policyHoldOf: (real: RealServer) => holds?.get(reals.indexOf(real)) ?? null,
  };
  return standings(config, evidence, { ...nothingAsked, byHand }, alwaysActive, now, before);
}

function weights({ of }: Standings): number[] {
  return [...of.values()].flat().map(({ weight }) => weight);
}

const three = pool([1, 2, 3], 'slowstart=30');
const settled = decide(three, 0, { said: 'uuu' }, null);

test('one that comes back begins with a tenth, and has all of its weight in the end', () => {
  const down = decide(three, 1_000, { said: 'duu' }, settled);
  let now = decide(three, 10_000, { said: 'uuu' }, down);
  assert.deepEqual(weights(now), [10, 100, 100]);
  const steps: (readonly [number, number])[] = [];
  while (now.nextChange !== null) {
    now = decide(three, now.nextChange, { said: 'uuu' }, now);
    steps.push([now.at / 1000, weights(now)[0] ?? 0]);
  }
  assert.equal(steps.length, 30);
  assert.deepEqual(steps.slice(0, 3), [
    [11, 13],
    [12, 16],
    [13, 19],
  ]);
  assert.deepEqual(steps.at(-1), [40, 100]);
});

test('it goes on where somebody decides in between, and over a reload', () => {
  const down = decide(three, 1_000, { said: 'duu' }, settled);
  const first = decide(three, 10_000, { said: 'uuu' }, down);
  const again = pool([3, 1, 2], 'slowstart=30');
  assert.deepEqual(weights(decide(again, 25_000, { said: 'uuu' }, first)), [100, 55, 100]);
  // The directive goes: so does the growth.
  assert.deepEqual(weights(decide(pool([1, 2, 3]), 25_000, { said: 'uuu' }, first)), [100, 100, 100]);
});

test('nobody grows at the start, where all come up one after another', () => {
  let now = decide(three, 0, { said: 'DDD' }, null);
  for (const said of ['uDD', 'uuD', 'uuu']) now = decide(three, now.at + 1_000, { said }, now);
  assert.deepEqual(weights(now), [100, 100, 100]);
  // From then on they do.
  now = decide(three, 10_000, { said: 'uud' }, now);
  assert.deepEqual(weights(decide(three, 20_000, { said: 'uuu' }, now)), [100, 100, 10]);
});

test('not the only one, for there is nobody to take what it does not', () => {
  let now = decide(three, 1_000, { said: 'ddd' }, settled);
  now = decide(three, 2_000, { said: 'ddu' }, now);
  assert.deepEqual(weights(now), [0, 0, 100]);
  assert.deepEqual(weights(decide(three, 3_000, { said: 'uuu' }, now)), [10, 10, 100]);
});

test('one that is new does; where all are new, none', () => {
  let now = decide(pool([1, 2, 3, 4], 'slowstart=30'), 1_000, { said: 'uuuD' }, settled);
  now = decide(now.config, 2_000, { said: 'uuuu' }, now);
  assert.deepEqual(weights(now), [100, 100, 100, 10]);
  let other = decide(pool([7, 8], 'slowstart=30'), 1_000, { said: 'DD' }, settled);
  other = decide(other.config, 2_000, { said: 'uD' }, other);
  assert.deepEqual(weights(decide(other.config, 3_000, { said: 'uu' }, other)), [100, 100]);
});

test('after a drain it does, and with the weight that is set by hand', () => {
  const server = '10.0.0.1:80';
  const asked = (kind: Override['kind'], weight: number): Override[] => [
    { kind, server, virtual: null, weight, until: null, ...unknownOrigin },
  ];
  const drained = decide(three, 1_000, { said: 'uuu', byHand: asked('drain', 0) }, settled);
  assert.deepEqual(weights(drained), [0, 100, 100]);
  const back = decide(three, 5_000, { said: 'uuu' }, drained);
  assert.deepEqual(weights(back), [10, 100, 100]);
  assert.deepEqual(weights(decide(three, 6_000, { said: 'uuu', byHand: asked('weight', 50) }, back)), [7, 100, 100]);
});

test('what its past holds out is out until then, and then grows', () => {
  const holds = new Map<number, PolicyHold>([[0, { by: 'damping', until: 9_000, falls: 2 }]]);
  const held = decide(three, 1_000, { said: 'uuu', holds }, settled);
  // Without the directive nobody asks.
  assert.deepEqual(weights(held), [100, 100, 100]);
  const config = pool([1, 2, 3], 'slowstart=30', 'flapdamping=5 60');
  const damped = decide(config, 1_000, { said: 'uuu', holds }, settled);
  assert.deepEqual(weights(damped), [0, 100, 100]);
  assert.equal(damped.nextChange, 9_000);
  assert.deepEqual([...damped.of.values()].flat()[0]?.by, 'damping');
  assert.deepEqual(weights(decide(config, 9_000, { said: 'uuu' }, damped)), [10, 100, 100]);
});

test('a pool that was lost with the one it tracks is no new one afterwards: who is new in it grows', () => {
  const tracking = (...numbers: readonly number[]): Config => {
    const reals = numbers.map((number) => `\treal=10.0.0.${number}:80 gate 100\n`).join('');
    const back = 'virtual=192.0.2.2:80\n\treal=10.0.1.1:80 gate 100\n';
    return configOf(`virtual=192.0.2.1:80\n${reals}\ttrack=192.0.2.2:80\n\tslowstart=30\n${back}`);
  };
  let now = decide(tracking(1), 0, { said: 'uu' }, null);
  // A new one is not checked yet while the other service loses its server, and gets it back.
  now = decide(tracking(1, 2), 1_000, { said: 'uDd' }, now);
  assert.deepEqual(weights(now), [0, 0, 0]);
  now = decide(now.config, 2_000, { said: 'uDu' }, now);
  now = decide(now.config, 3_000, { said: 'uuu' }, now);
  // The one that is tracked is decided first.
  assert.deepEqual(weights(now), [100, 100, 10]);
});
