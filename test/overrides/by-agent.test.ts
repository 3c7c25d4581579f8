import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { Agent } from '../../src/model/agent.js';
import { mergeSaying, nothingSaid, parseSaying } from '../../src/model/agent-word.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { type InForce, isOut, weightInForce } from '../../src/model/override.js';
import { nothingAsked, type Overrides, overridesInForce } from '../../src/overrides/in-force.js';
import { nothingTold, overrideEvents, toldOf } from '../../src/overrides/told.js';
import { configOf } from '../helpers/configuration.js';

const service = (...lines: readonly string[]): string =>
  `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 100\n\tagent=3333\n${lines.map((line) => `\t${line}\n`).join('')}`;

function agentThat(lines: readonly string[], more: Partial<Agent> = {}): Agent {
  const word = lines.reduce((before, line) => mergeSaying(before, parseSaying(line)), nothingSaid);
  return {
    name: '10.0.0.1:3333',
    word,
    said: lines.at(-1) ?? null,
    since: 0,
    outSince: 7,
    answered: 0,
    silence: null,
    ...more,
  };
}

function inForce(
  file: string,
  agent: Agent,
  now = 0,
  others: Partial<Overrides> = {},
): InForce & { readonly all: readonly unknown[] } {
  const config = configOf(file);
  const found = overridesInForce(config, { ...nothingAsked, ...others, agents: new Map([[agent.name, agent]]) }, now);
  const all = config.virtuals.flatMap(({ realServers }) =>
    realServers.map((real) => {
      const hold = found.held.get(real);
      const { base, share } = weightInForce(real, found);
      const weight = isOut(real, found) ? 0 : (base * share) / 100;
      return [hold ? `${hold.how} ${hold.by}` : null, weight, found.resting.has(real)];
    }),
  );
  return { ...found, all };
}

describe('what an agent asks', () => {
  const table: readonly (readonly [lines: readonly string[], how: string | null, weight: number, rests: boolean])[] = [
    [[], null, 100, false],
    [['up ready 50%\n'], null, 50, false],
    [['up ready drain\n'], 'drain agent', 0, false],
    [['drain,75%'], 'drain agent', 0, false],
    [['drain,75%', 'ready'], null, 75, false],
    [['DOWN#disk full\r\n'], 'down agent', 0, false],
    [['down', 'ready'], 'down agent', 0, false],
    [['down 50%', 'up'], null, 50, false],
    [['0%\n'], 'drain agent', 0, false],
    [['weight:0'], 'drain agent', 0, false],
    [['101%\n'], null, 101, false],
    [['weight:20'], null, 20, false],
    [['weight:20', 'weight:300'], null, 20, false],
    [['weight:20', '50%'], null, 50, false],
    [['maint\n'], 'down agent', 0, true],
    [['maint', 'down', 'up'], 'down agent', 0, true],
    [['maint', 'drain'], 'drain agent', 0, false],
    [['maint 30%', 'ready'], null, 30, false],
    [['fast'], null, 100, false],
  ];
  for (const [lines, how, weight, rests] of table) {
    it(`${lines.map((line) => line.trim()).join(', then ') || 'nothing'}`, () => {
      assert.deepEqual(inForce(service(), agentThat(lines)).all, [[how, weight, rests]]);
    });
  }
});

test('it says why, and people go before it', () => {
  const agent = agentThat(['drain #update']);
  const holds = (others: Partial<Overrides>) => [...inForce(service(), agent, 0, others).held.values()];
  assert.deepEqual(holds({}), [
    { by: 'agent', how: 'drain', reason: 'its agent says drain', note: null, who: null, since: 7, why: 'update' },
  ]);
  const [down] = inForce(service(), agentThat(['down'])).held.values();
  assert.equal(down?.reason, 'its agent says down');
  const drain = {
    kind: 'drain',
    server: '10.0.0.1:80',
    virtual: null,
    weight: 0,
    until: null,
    ...unknownOrigin,
  } as const;
  assert.deepEqual(
    holds({ byHand: [drain] }).map(({ by }) => by),
    ['hand'],
  );
});

test('its drain ends with the checks where clients are sent on to weight 0', () => {
  const holdOf = (file: string, others: Partial<Overrides>) =>
    inForce(file, agentThat(['drain']), 0, others).all.map((each) => (each as readonly unknown[])[0]);
  assert.deepEqual(holdOf(service('persistent=60'), { persistsAtZero: true }), ['drain-while-up agent']);
  assert.deepEqual(holdOf(service('persistent=60'), {}), ['drain agent']);
  assert.deepEqual(holdOf(service('protocol=udp'), {}), ['drain-while-up agent']);
});

test('beyond agentmaxage it counts no more, as long as the agent is silent', () => {
  const file = `${service('agentmaxage=60')}${service().replace('192.0.2.1', '192.0.2.2')}`;
  const silent = agentThat(['maint'], { answered: 10_000, silence: 'refused' });
  const out = ['down agent', 0, true];
  const free = [null, 100, false];
  assert.deepEqual(inForce(file, silent, 69_999).all, [out, out]);
  assert.equal(inForce(file, silent, 69_999).nextChange, 70_000);
  assert.deepEqual(inForce(file, silent, 70_000).all, [free, out]);
  assert.equal(inForce(file, silent, 70_000).nextChange, null);
  assert.deepEqual(inForce(file, agentThat(['maint'], { answered: 10_000 }), 900_000).all, [out, out]);
});

test('each other share is told, and that there is none any more', () => {
  const config = configOf(service());
  const said = ['100%', '50%', '50% #busy', '20%', 'weight:20', 'drain', 'ready', '100%', 'up'];
  const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' };
  let told = nothingTold;
  const events = said.flatMap((_, index) => {
    const agents = new Map([['10.0.0.1:3333', agentThat(said.slice(0, index + 1))]]);
    const now = toldOf(config, overridesInForce(config, { ...nothingAsked, agents }, 0));
    const found = overrideEvents(told, now);
    told = now;
    return found;
  });
  const shares = (weight: string | null) => ({ type: 'agent-weight', ...subject, weight });
  assert.deepEqual(events, [
    shares('50%'),
    shares('20%'),
    shares('weight:20'),
    { type: 'maintenance-began', ...subject, reason: 'its agent says drain', note: null, ...unknownOrigin, since: 7 },
    { type: 'maintenance-ended', ...subject, ...unknownOrigin },
    shares(null),
  ]);
});
