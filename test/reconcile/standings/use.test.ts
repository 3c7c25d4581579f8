import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Use, useOf } from '../../../src/reconcile/standings/use.js';
import { configOf } from '../../helpers/configuration.js';
import { standingsOf } from '../../helpers/standings.js';

const config = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n');

/** Each server as `+` in use, `-` out of use or `?` not known yet; the answer is what is told. */
function follow(...states: readonly string[]): (string | null)[] {
  let before: Use = new Map();
  return states.map((state) => {
    const of = (name: string) => state[name.endsWith('1') ? 0 : 1];
    const decided = standingsOf(config, {
      isUp: ({ host }) => of(host.name) === '+',
      isDecided: ({ host }) => of(host.name) !== '?',
    });
    const { use, changes } = useOf(config.virtuals, decided, before);
    before = use;
    return changes.map(({ inUse }) => (inUse ? 'up' : 'down'))[0] ?? null;
  });
}

test('a start that finds servers well tells nothing', () => {
  assert.deepEqual(follow('??', '-?', '-+', '++'), [null, null, null, null]);
});

test('the last server that goes and the first that comes are told once', () => {
  assert.deepEqual(follow('++', '-+', '--', '--', '-+', '++'), [null, null, 'down', null, 'up', null]);
});

test('down waits until every server is known', () => {
  assert.deepEqual(follow('??', '-?', '--', '-?', '--'), [null, null, 'down', null, null]);
});

test('virtuals of one identity are one service: in use while a server of any is, and told once', () => {
  const { global, virtuals } = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 gate\n',
  );
  const [{ endpoint } = assert.fail()] = virtuals;
  const same = { global, virtuals: virtuals.map((virtual) => ({ ...virtual, endpoint })) };
  let before: Use = new Map();
  const told = (...up: string[]): string[] => {
    const decided = standingsOf(same, { isUp: ({ host }) => up.includes(host.name) });
    const { use, changes } = useOf(same.virtuals, decided, before);
    before = use;
    return changes.map(({ inUse }) => (inUse ? 'up' : 'down'));
  };
  assert.deepEqual(told('10.0.0.2'), []);
  assert.deepEqual(told('10.0.0.1'), []);
  assert.deepEqual(told(), ['down']);
  assert.deepEqual(told('10.0.0.2'), ['up']);
});

test('one mark for packets of IPv4 and of IPv6 is two services', () => {
  const marks = configOf('virtual=7\n\treal=10.0.0.1:80 gate\nvirtual6=7\n\treal6=[2001:db8::1]:80 gate\n');
  const decided = standingsOf(marks, { isUp: ({ host }) => host.name === '10.0.0.1' });
  const { changes } = useOf(marks.virtuals, decided, new Map());
  assert.deepEqual(
    changes.map(({ virtual }) => virtual.family),
    ['inet6'],
  );
});
