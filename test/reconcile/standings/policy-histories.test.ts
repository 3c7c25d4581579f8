/**
 * Random histories of results, drains, words of agents, other lists of servers and sudden deaths of the director, against
 * a small model that is written another way.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Director } from './histories/director.js';
import { history, lists, type Rules, rules, type Seen } from './histories/history.js';
import { Model, ModelledAgent } from './histories/model.js';

/** Both go to the next step, the program over every change that comes by itself. */
function pass(director: Director, from: number, to: number, onWake: (now: number) => void): void {
  for (let wakes = 0; wakes < 1_000; wakes += 1) {
    const next = director.nextChange;
    if (next === null || next > to || next <= from) return;
    director.wake(next);
    onWake(next);
    from = next;
  }
  assert.fail('it wakes for ever');
}

test('a thousand histories: servers and fallbacks stand as the model has it', () => {
  fc.assert(
    fc.property(lists, rules, history, (first, policy, steps) => {
      const director = new Director(first, policy);
      const model = new Model(first, policy);
      let now = 0;
      for (const [index, each] of steps.entries()) {
        const at = now + each.after;
        pass(director, now, at, (moment) => model.decide(moment));
        now = at;
        director.do(each, now);
        model.do(each, now);
        assert.deepEqual(director.seen, model.seen, `step ${index + 1} at ${now}: ${JSON.stringify(each)}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Of the servers with a minimum. */
function behind(seen: Seen): [name: string, place: Seen extends ReadonlyMap<string, infer P> ? P : never][] {
  return [...seen].filter(([name]) => name.startsWith('back'));
}

test('a thousand histories with a minimum: never fewer in use than that, or than before, and never who is drained', () => {
  const withMinimum = fc
    .tuple(rules, fc.integer({ min: 1, max: 4 }))
    .map(([policy, minhealthy]): Rules => ({ ...policy, resume: 'auto', minhealthy }));
  fc.assert(
    fc.property(lists, withMinimum, history, (first, policy, steps) => {
      const director = new Director(first, policy);
      const drains = new Set<string>();
      const agents = new Map<string, ModelledAgent>();
      let now = 0;
      let before = director.seen;
      for (const each of steps) {
        now += each.after;
        director.do(each, now);
        if (each.does === 'drain') drains.add(`${each.pool} ${each.server}`);
        if (each.does === 'undrain') drains.delete(`${each.pool} ${each.server}`);
        const { seen } = director;
        for (const name of agents.keys()) if (!seen.has(name)) agents.delete(name);
        for (const [name] of behind(seen)) if (!agents.has(name)) agents.set(name, new ModelledAgent(policy));
        if (each.does === 'say') agents.get(`back ${each.server}`)?.say(each.words, now);
        if (each.does === 'die') for (const agent of agents.values()) agent.outlive();
        const isOut = (name: string): boolean => drains.has(name) || agents.get(name)?.wants(now) !== 'in';
        for (const [name, place] of behind(seen)) {
          if (drains.has(name)) assert.equal(place, 'drained');
          else if (isOut(name)) assert.ok(typeof place !== 'number', name);
          else assert.notEqual(place, 'drained');
        }
        const used = behind(seen).filter(([, place]) => typeof place === 'number').length;
        const usedBefore = behind(before).filter(([name, place]) => typeof place === 'number' && !isOut(name)).length;
        const countable = behind(seen).filter(([name]) => !isOut(name)).length;
        assert.ok(
          used >= Math.min(policy.minhealthy, usedBefore, countable),
          JSON.stringify({ each, seen: [...seen] }),
        );
        before = seen;
        // Too few are served all the same, and announced unless they are to be withdrawn.
        const { isBelow, verdict } = director.announcing;
        if (used === 0) assert.notEqual(verdict, 'well');
        else if (isBelow) assert.equal(verdict === 'ill', policy.belowminimum === 'withdraw');
        else assert.notEqual(verdict, 'ill');
      }
    }),
    { numRuns: 1_000 },
  );
});
