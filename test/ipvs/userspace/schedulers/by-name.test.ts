import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { capabilitiesOf } from '../../../../src/ipvs/capabilities.js';
import { createScheduler } from '../../../../src/ipvs/userspace/schedulers/by-name.js';
import { available, type Scheduler } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import {
  anyArrivals,
  anyCandidates,
  anyClient,
  arrival,
  candidate,
  client,
  type TestCandidate,
  weighing,
} from './candidates.js';

function create(name: string, flags: string[] = []): Scheduler<TestCandidate> {
  const scheduler = createScheduler<TestCandidate>(name, flags);
  assert.ok(scheduler);
  return scheduler;
}

test('there is no scheduler of another name', () => {
  for (const name of ['', 'WRR', 'toString', 'four']) assert.equal(createScheduler(name, []), null);
});

const variants: [string, string[]][] = [
  ...capabilitiesOf('userspace').schedulers.map((name): [string, string[]] => [name, []]),
  ['sh', ['sh-fallback']],
  ['sh', ['sh-fallback', 'sh-port']],
  ['mh', ['mh-fallback']],
  ['mh', ['mh-fallback', 'mh-port']],
];
/** These turn clients away while there are others who could be chosen. */
const choosy = ['sh', 'mh', 'dh', 'ovf'];
/** These do so where they come to choose anew (ip_vs_lblc_schedule). */
const careless = ['lblc'];

for (const [name, flags] of variants) {
  describe(`every scheduler: ${[name, ...flags].join(' ')}`, () => {
    const alwaysChooses = !choosy.includes(name);
    const heedsOverload = !careless.includes(name);

    test('chooses only who is available, through any change of the list', () => {
      const step = fc.record({
        settings: anyCandidates,
        keep: fc.boolean(),
        clients: fc.array(anyClient, { maxLength: 12 }),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 6 }), anyArrivals, (steps, next) => {
          const scheduler = create(name, flags);
          scheduler.update([]);
          let list: TestCandidate[] = [];
          for (const { settings, keep, clients } of steps) {
            const kept = keep ? list.filter((_, index) => index % 2 === 0) : [];
            for (const [index, one] of kept.entries()) Object.assign(one, settings[index]);
            list = [...settings.map((one, index) => candidate(index, one)), ...kept];
            scheduler.update(list);
            for (const from of clients) {
              const chosen = scheduler.choose(from, next());
              if (chosen) assert.ok(list.includes(chosen) && (heedsOverload ? available(chosen) : chosen.weight > 0));
              else assert.ok(!alwaysChooses || !list.some(available));
            }
          }
        }),
        { numRuns: 300 },
      );
    });

    test('chooses nobody from nobody', () => {
      const scheduler = create(name, flags);
      assert.equal(scheduler.choose(client, arrival), null);
      scheduler.update([]);
      assert.equal(scheduler.choose(client, arrival), null);
      scheduler.update(weighing(0, 0));
      assert.equal(scheduler.choose(client, arrival), null);
    });

    test('heeds an overload without being told', () => {
      const scheduler = create(name, flags);
      const [only] = weighing(3);
      assert.ok(only);
      scheduler.update([only]);
      assert.equal(scheduler.choose(client, arrival), only);
      only.overloaded = true;
      assert.equal(scheduler.choose(client, arrival), heedsOverload ? null : only);
      only.overloaded = false;
      assert.equal(scheduler.choose(client, arrival), only);
    });
  });
}
