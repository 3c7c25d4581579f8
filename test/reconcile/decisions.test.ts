import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Event } from '../../src/events.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import type { RealServer } from '../../src/model/config.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { alwaysActive } from '../../src/model/role.js';
import { messagesOf } from '../../src/observe/messages.js';
import { nothingAsked, type Overrides } from '../../src/overrides/in-force.js';
import { Decisions } from '../../src/reconcile/decisions.js';
import { Reconciler } from '../../src/reconcile/reconciler.js';
import { minimumEvents, type ToldMinimum, toldMinimum } from '../../src/reconcile/standings/told-minimum.js';
import { configOf } from '../helpers/configuration.js';
import { until } from '../helpers/deadline.js';

const config = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 3\n\treal=10.0.0.2:80 gate\n');

function deciding(
  t: TestContext,
  asked: () => Overrides,
  rules = () => config,
  isUp = (_: RealServer) => true,
  isVoted = (_: RealServer) => false,
) {
  const backend = new MemoryBackend();
  const events: Event[] = [];
  const reconciler = new Reconciler(backend, { onChange: () => {}, onDrift: () => {}, onFailure: () => {} });
  const decisions = new Decisions({
    reconciler,
    config: rules,
    health: { isUp, isVoted, isDecided: () => true, policyHoldOf: () => null },
    overrides: asked,
    role: () => alwaysActive,
    publish: (event) => void events.push(event),
    note: () => {},
    unused: [],
    onDecided: () => {},
  });
  t.after(async () => {
    decisions.close();
    await reconciler.leave();
  });
  const weights = async (): Promise<number[]> =>
    [...(await backend.read()).values()].flatMap(({ destinations }) =>
      [...destinations.values()].map((it) => it.weight),
    );
  return { decisions, events, weights };
}

test('what ends by itself ends without anybody asking, and is told once', async (t) => {
  const end = Date.now() + 150;
  const weigh = {
    kind: 'weight',
    server: '10.0.0.1:80',
    virtual: null,
    weight: 9,
    until: end,
    ...unknownOrigin,
  } as const;
  const asked = { ...nothingAsked, byHand: [weigh] };
  const { decisions, events, weights } = deciding(t, () => asked);
  await decisions.decide();
  if (Date.now() < end) assert.deepEqual(await weights(), [9, 1]);
  await until('the file’s weight counts again', async () => (await weights())[0] === 3);
  assert.ok(Date.now() >= end);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['weight-overridden', 'weight-restored'],
  );
});

test('the last server that is drained and the first that returns are told with their service', async (t) => {
  const drain = (server: string) =>
    ({ kind: 'drain', server, virtual: null, weight: 0, until: null, ...unknownOrigin }) as const;
  let asked: Overrides = nothingAsked;
  const { decisions, events } = deciding(t, () => asked);
  const told = async (...servers: string[]): Promise<unknown[]> => {
    events.length = 0;
    asked = { ...nothingAsked, byHand: servers.map(drain) };
    await decisions.decide();
    return events.filter(({ type }) => type.startsWith('virtual'));
  };
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' };
  assert.deepEqual(await told('10.0.0.1:80'), []);
  assert.deepEqual(await told('10.0.0.1:80', '10.0.0.2:80'), [{ type: 'virtual-down', ...service }]);
  assert.deepEqual(decisions.unused, ['inet tcp 192.0.2.1:80']);
  assert.deepEqual(await told('10.0.0.2:80'), [{ type: 'virtual-up', ...service }]);
});

test('a virtual below its minimum is told once, through a reload, and when that is over', async (t) => {
  const file = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 3\n\treal=10.0.0.2:80 gate\n\tminhealthy=1\n';
  let rules = configOf(file);
  let down: readonly string[] = [];
  const { decisions, events, weights } = deciding(
    t,
    () => nothingAsked,
    () => rules,
    ({ host }) => !down.includes(host.name),
  );
  await decisions.decide();
  down = ['10.0.0.1'];
  await decisions.decide();
  assert.deepEqual(await weights(), [1]);
  down = ['10.0.0.1', '10.0.0.2'];
  await decisions.decide();
  await decisions.decide();
  assert.deepEqual(await weights(), [1], 'it stays in use');
  rules = configOf(`${file}\tfallback=127.0.0.1:80 gate\n`);
  await decisions.decide();
  assert.deepEqual(await weights(), [1], 'after a reload, too');
  down = ['10.0.0.2'];
  await decisions.decide();
  assert.deepEqual(await weights(), [3]);
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' };
  assert.deepEqual(events, [
    { type: 'virtual-below-minimum', ...service, healthy: 0, needed: 1, rule: 'keep' },
    { type: 'virtual-minimum-restored', ...service },
  ]);
});

test('that other directors decide about servers is told of their service once, and when it is over', async (t) => {
  let voted: readonly string[] = [];
  const { decisions, events } = deciding(
    t,
    () => nothingAsked,
    () => config,
    () => true,
    ({ host }) => voted.includes(host.name),
  );
  for (voted of [['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], []]) await decisions.decide();
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' } as const;
  assert.deepEqual(
    events.filter(({ type }) => type.startsWith('virtual-vote')),
    [
      { type: 'virtual-voted', ...service, kept: 1, unused: 0 },
      { type: 'virtual-vote-over', ...service },
    ],
  );
});

test('services of the configuration before stay until they are let go', async (t) => {
  let rules = config;
  const { decisions, weights } = deciding(
    t,
    () => nothingAsked,
    () => rules,
  );
  await decisions.decide();
  const before = decisions.wanted;
  rules = configOf('virtual=192.0.2.9:80\n\treal=10.0.0.9:80 gate 7\n');
  decisions.keep(before);
  await decisions.decide();
  assert.deepEqual((await weights()).toSorted(), [1, 3, 7]);
  decisions.letGo();
  await until('they are gone', async () => (await weights()).join() === '7');
});

test('that belowminimum=fallback has no fallback that is up is told, and that it has one again', () => {
  const config = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\tfallback=127.0.0.1:80\n\tfallbackcheck=yes\n\tminhealthy=1\n\tbelowminimum=fallback\n',
  );
  const [virtual = assert.fail()] = config.virtuals;
  const at = (isBelow: boolean, isServing: boolean): ToldMinimum =>
    toldMinimum({
      below: new Map(isBelow ? [[virtual, { healthy: 0, needed: 1 }]] : []),
      serving: new Map(isServing ? [[virtual, virtual.fallbacks]] : []),
    });
  const steps = [at(false, true), at(true, true), at(true, false), at(true, false), at(true, true), at(false, false)];
  const told = steps.slice(1).map((after, index) => {
    const events = minimumEvents(steps[index] ?? assert.fail(), after);
    return events.flatMap((event) => messagesOf(event).map(({ text }) => text));
  });
  const below = 'Below minhealthy: 192.0.2.1:80 (tcp): 0 healthy of 1 at least:';
  const alone = `${below} the fallback alone serves`;
  assert.deepEqual(told, [
    [alone],
    [`${below} no fallback is up to serve alone, so who is healthy stays in use`],
    [],
    [alone],
    ['Enough servers are healthy again: 192.0.2.1:80 (tcp)'],
  ]);
});
