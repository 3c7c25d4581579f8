/**
 * Whether the kernel's twos throws its dice as the balancer's does: of each choice the odds are known, and of many together
 * how often each server is to be chosen, and how far from that chance may be.
 */

import assert from 'node:assert/strict';
import { destinationKey } from '../../../src/ipvs/table.js';
import type { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';
import { available, type Client } from '../../../src/ipvs/userspace/schedulers/scheduler.js';
import { TwoChoices } from '../../../src/ipvs/userspace/schedulers/two-choices.js';
import type { Judge } from './same-choices.js';

/** Standard deviations: chance goes further once in some five hundred millions. */
const furthest = 6;

interface Tally {
  chosen: number;
  expected: number;
  variance: number;
}

export class SameOdds implements Judge {
  #list: readonly LiveDestination[] = [];
  readonly #tallies = new Map<string, Tally>();

  update(list: readonly LiveDestination[]): void {
    this.#list = list;
  }

  judge(from: Client, to: string, theirs: string | null, what: string): LiveDestination | null {
    const odds = this.#odds(from, to);
    if (theirs === null) {
      assert.equal(odds.size, 0, what);
      return null;
    }
    const chosen = this.#list.find((one) => destinationKey(one) === theirs);
    assert.ok(chosen !== undefined && odds.has(chosen), `${what}: ${theirs}`);
    for (const [one, odd] of odds) {
      const tally = this.#tallyOf(destinationKey(one));
      if (one === chosen) tally.chosen += 1;
      tally.expected += odd;
      tally.variance += odd * (1 - odd);
    }
    return chosen;
  }

  /** How far the furthest one is from what was to be expected, in standard deviations; fails where that is not chance. */
  compare(): number {
    let most = 0;
    for (const [name, { chosen, expected, variance }] of this.#tallies) {
      const away = variance === 0 ? 0 : Math.abs(chosen - expected) / Math.sqrt(variance);
      assert.ok(away < furthest, `${name}: ${chosen} times, ${expected.toFixed(1)} expected, ${away.toFixed(1)} away`);
      most = Math.max(most, away);
    }
    return most;
  }

  #tallyOf(name: string): Tally {
    const known = this.#tallies.get(name) ?? { chosen: 0, expected: 0, variance: 0 };
    this.#tallies.set(name, known);
    return known;
  }

  /** By every pair of lots. */
  #odds(from: Client, to: string): ReadonlyMap<LiveDestination, number> {
    const able = this.#list.filter(available);
    const total = able.reduce((sum, { weight }) => sum + weight, 0);
    let sum = 0;
    const lots = able.map(({ weight }, index) => {
      sum += weight;
      // 0 is a lot as well, the first one's.
      return { last: sum, odd: (weight + (index === 0 ? 1 : 0)) / (total + 1) };
    });
    const odds = new Map<LiveDestination, number>();
    for (const first of lots) {
      for (const second of lots) {
        const drawn = [first.last, second.last];
        // A new one each time: it counts whom it has chosen.
        const scheduler = new TwoChoices<LiveDestination>(() => drawn.shift() ?? assert.fail('a third lot'));
        scheduler.update(this.#list);
        const chosen = scheduler.choose(from, { address: to, now: 0 }) ?? assert.fail('nobody is chosen');
        odds.set(chosen, (odds.get(chosen) ?? 0) + first.odd * second.odd);
      }
    }
    return odds;
  }
}
