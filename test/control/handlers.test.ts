import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import type { ControlledDirector } from '../../src/control/director.js';
import { controlVerbs, handlerOf } from '../../src/control/handlers.js';
import { ControlError } from '../../src/control/protocol.js';
import type { NamedServer } from '../../src/overrides/places.js';
import { Chronicle } from '../../src/status/chronicle.js';
import { countsOf } from '../../src/status/counts.js';
import type { VirtualStatus } from '../../src/status/model.js';
import type { Plan } from '../../src/status/outlook.js';
import type { SharedStatus } from '../../src/status/shared-status.js';
import { within } from '../helpers/deadline.js';
import { statusOf, streamOf } from '../helpers/status.js';
import { plain } from '../helpers/wish.js';

const [a, b] = [
  { name: 'a', servers: [] },
  { name: 'b', servers: [] },
];
const steered = { servers: [], notes: [] };

const planned: Plan = {
  ok: true,
  diagnostics: 'new.cf:1:1: warning: odd [odd]\n',
  services: ['a', 'b'].map((key) => ({ key, name: null, standing: null, changes: [] })),
};

const handedOver = { handover: null, announcements: [], notes: [] };
const shared: SharedStatus = {
  name: 'lb1',
  vote: 'own',
  pending: 0,
  misread: [],
  alone: false,
  contested: [],
  directors: [{ name: 'lb1', isSelf: true, there: null, observed: null, differences: [] }],
};

async function* each(virtuals: readonly object[]): AsyncGenerator<VirtualStatus> {
  yield* virtuals as readonly VirtualStatus[];
}

/** A director that notes what it was asked for. */
function director() {
  const asked: unknown[] = [];
  const noted = <T>(answer: T, ...what: unknown[]): T => {
    asked.push(what);
    return answer;
  };
  const chronicle = new Chronicle();
  const made: ControlledDirector = {
    chronicle,
    handover: {
      current: null,
      handOver: async (wish) => noted(handedOver, 'handover', wish),
      takeBack: async ({ who, why }) => noted(handedOver, 'taken back', who, why),
    },
    steering: {
      drain: async (target, wish) => noted(steered, 'drain', target, wish),
      undrain: async (target) => noted(steered, 'undrain', target),
      setWeight: async (target, weight, until, wish) => noted(steered, 'weight', target, weight, until, wish),
    },
    stream: async (selection) => noted({ ...streamOf(statusOf([])), virtuals: each([a, b]) }, 'list', selection),
    unready: () => ['it has just begun'],
    plan: async (request) => noted(planned, 'plan', request),
    explain: async (target: NamedServer) => noted([], 'explain', target),
    checkNow: async (target: NamedServer) => noted([], 'check-now', target),
    shared: () => shared,
    connectionsElsewhere: (target) => noted([], 'connections', target),
    planToward: async (name) => noted([], 'plan-director', name),
    reload: async () => ({ ok: true, differences: [], diagnostics: '', missing: [] }),
    setLogLevel: (level, until) => void noted(null, 'log-level', level, until),
  };
  const handle = handlerOf(made);
  const answers = async (
    verb: string,
    given: Record<string, unknown> = {},
    peer: number | null = null,
  ): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const data of handle({ id: 1, verb, given }, new AbortController().signal, peer)) found.push(data);
    return found;
  };
  return { handle, chronicle, asked, answers };
}

test('what a request says arrives, and times are counted from now', async () => {
  const { answers, asked } = director();
  await answers('drain', { server: 'a', virtual: '192.0.2.1:80' });
  await answers('undrain', { server: 'a', virtual: null });
  await answers('weight', { server: 'a', weight: 5 });
  await answers('weight', { server: 'a', weight: null });
  const all = { server: 'a', virtual: null };
  assert.deepEqual(asked, [
    ['drain', { server: 'a', virtual: '192.0.2.1:80' }, plain],
    ['undrain', all],
    ['weight', all, 5, null, plain],
    ['weight', all, null, null, plain],
  ]);
  const before = Date.now();
  await answers('log-level', { level: 'debug', for: 60 });
  const [, level, until] = asked.at(-1) as [string, string, number];
  assert.equal(level, 'debug');
  assert.ok(until >= before + 60_000 && until <= Date.now() + 60_000);
});

test('a listing is the director with what was found, then each service; what is asked for of it arrives', async () => {
  const { answers, asked } = director();
  const [head, ...virtuals] = await answers('list');
  assert.deepEqual((head as { found: unknown }).found, countsOf([]));
  assert.deepEqual(virtuals, [a, b]);
  await answers('list', { server: 'x', search: 'shop', virtual: null, states: ['down', 'problem'] });
  const states = new Set(['down', 'problem']);
  assert.deepEqual(asked.at(-1), ['list', { server: 'x', virtual: undefined, search: 'shop', states }]);
  for (const states of [[], ['ill'], 'down', ['down', 7]]) {
    await assert.rejects(answers('list', { states }), /"states" must be a list of up, down/);
  }
});

test('who asks is the user of the socket, and what they say of themselves stands in brackets', async () => {
  const { answers, asked } = director();
  const own = process.getuid?.() ?? 0;
  const { username } = userInfo();
  const ask = async (given: object, peer: number | null): Promise<unknown> => {
    await answers('drain', { server: 'a', ...given }, peer);
    return asked.at(-1);
  };
  const all = { server: 'a', virtual: null };
  const wish = { why: null, force: false };
  assert.deepEqual(await ask({}, own), ['drain', all, { ...wish, who: username }]);
  assert.deepEqual(await ask({ user: username }, own), ['drain', all, { ...wish, who: username }]);
  assert.deepEqual(await ask({ user: 'alice' }, own), ['drain', all, { ...wish, who: `${username} (alice)` }]);
  assert.deepEqual(await ask({ user: 'alice' }, 4_000_000_001), [
    'drain',
    all,
    { ...wish, who: 'uid 4000000001 (alice)' },
  ]);
  assert.deepEqual(await ask({ user: 'alice' }, null), ['drain', all, { ...wish, who: null }], 'nobody vouches for it');
  const disk = { reason: ' replacing a disk', force: true };
  assert.deepEqual(await ask(disk, null), ['drain', all, { who: null, why: 'replacing a disk', force: true }]);
});

test('a plan is of the daemon’s file or of a text, and comes service by service', async () => {
  const { answers, asked } = director();
  assert.deepEqual(await answers('plan'), [
    { ok: true, diagnostics: planned.diagnostics },
    ...(planned.ok ? planned.services : []),
  ]);
  await answers('plan', { text: 'virtual=', name: 'new.cf', strict: true });
  assert.deepEqual(asked, [
    ['plan', { text: null, name: null, strict: false }],
    ['plan', { text: 'virtual=', name: 'new.cf', strict: true }],
  ]);
});

test('what makes no sense is refused before anything happens', async () => {
  const { answers, asked } = director();
  const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
    ['drain', {}],
    ['drain', { server: 5 }],
    ['drain', { server: '' }],
    ['drain', { server: 'x'.repeat(2_000) }],
    ['drain', { server: 'a', virtual: 7 }],
    ['drain', { server: 'a', reason: '' }],
    ['drain', { server: 'a', reason: 5 }],
    ['drain', { server: 'a', reason: 'two\nlines' }],
    ['drain', { server: 'a', reason: 'turned \u202e around' }],
    ['drain', { server: 'a', reason: 'x'.repeat(201) }],
    ['drain', { server: 'a', user: 'alice) (bob' }],
    ['drain', { server: 'a', user: '' }],
    ['drain', { server: 'a', force: 'yes' }],
    ['weight', { server: 'a', weight: 5, force: 1 }],
    ['plan', { text: 7 }],
    ['plan', { text: '' }],
    ['weight', { server: 'a', weight: -1 }],
    ['weight', { server: 'a', weight: 1.5 }],
    ['weight', { server: 'a', weight: '5' }],
    ['weight', { server: 'a', weight: 65_536 }],
    ['weight', { server: 'a', weight: 1, for: 0 }],
    ['events', { last: 'all' }],
    ['events', { follow: 'yes' }],
    ['log-level', { level: 'loud' }],
    ['log-level', {}],
    ['nothing', {}],
    ['constructor', {}],
  ];
  for (const [verb, given] of wrong) {
    await assert.rejects(answers(verb, given), ControlError, `${verb} ${JSON.stringify(given)}`);
  }
  assert.deepEqual(asked, []);
});

test('every verb that is documented is there', async () => {
  const { answers } = director();
  const given = { server: 'a', weight: 1, level: 'info', director: 'lb2' };
  for (const verb of Object.keys(controlVerbs)) await answers(verb, given);
});

test('a follower hears everything, and one that is too slow how much it missed', async () => {
  const { handle, chronicle } = director();
  const publish = (count: number): void => {
    for (let index = 0; index < count; index += 1) chronicle.listener({ type: 'reload-requested' });
  };
  publish(5);
  const over = new AbortController();
  const following = handle({ id: 1, verb: 'events', given: { follow: true, last: 2 } }, over.signal, null);
  const next = following[Symbol.asyncIterator]();
  const take = async () => (await within('an event', next.next())).value as { number?: number; lost?: number };
  assert.deepEqual([(await take()).number, (await take()).number], [4, 5]);
  const waited = take();
  publish(1);
  assert.equal((await waited).number, 6);
  publish(5_000);
  const { lost = 0 } = await take();
  assert.ok(lost >= 4_000, `${lost}`);
  let last = 6 + lost;
  while (last < 5_006) {
    const { number } = await take();
    assert.equal(number, last + 1);
    last += 1;
  }
  const end = within('the end', next.next());
  over.abort();
  assert.equal((await end).done, true);
});
