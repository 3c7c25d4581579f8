import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from '../../src/slices.js';
import type { ServerState } from '../../src/status/model.js';
import { type Glance, type Page, pageOf, type Selection, select, virtualId } from '../../src/status/selection.js';
import { configOf } from '../helpers/configuration.js';

const config = configOf(`
virtual=192.0.2.1:80
	real=10.0.0.1:80 masq
	real=10.0.0.2:80 masq
	fallback=127.0.0.1:8080 gate
	servicename=Shop
virtual=192.0.2.2:80
	real=10.0.0.2:80 masq
	real=10.0.0.3:80 masq
virtual=7
	real=10.0.0.9:0 gate
`);
const states: Readonly<Record<string, ServerState>> = { '10.0.0.2': 'down', '10.0.0.3': 'held' };

/** The services that are found, each with the last number of its servers. */
function found(selection: Selection) {
  const made = atOnce(
    select(config, selection, {
      stateOf: (_, __, { host }) => states[host.address ?? ''] ?? 'up',
      wordsOf: ({ host }) => (host.address === '10.0.0.2' ? 'connect: refused' : 'connected'),
      isInUse: ({ endpoint }) => endpoint.protocol !== 'fwm',
      isBelowMinimum: () => false,
    }),
  );
  const all = made.selected.map(({ virtual, servers, fallbacks }) => {
    const shown = virtual.realServers.filter((_, index) => servers?.has(index) ?? true);
    const others = virtual.fallbacks.filter((_, index) => fallbacks?.has(index) ?? true);
    return [virtualId(virtual), ...[...shown, ...others].map(({ host }) => host.address?.split('.').at(-1))].join(' ');
  });
  assert.equal(made.counts.servers, 5);
  return { all, counts: made.found };
}

test('everything where nothing is asked for', () => {
  const { all, counts } = found({});
  assert.deepEqual(all, ['tcp/192.0.2.1:80 1 2 1', 'tcp/192.0.2.2:80 2 3', 'fwm/7 9']);
  assert.deepEqual([counts.services, counts.servers, counts.inUse, counts.up, counts.down], [3, 5, 2, 2, 2]);
});

test('a server wherever it is, and in one service', () => {
  assert.deepEqual(found({ server: '10.0.0.2' }).all, ['tcp/192.0.2.1:80 2 1', 'tcp/192.0.2.2:80 2']);
  assert.deepEqual(found({ server: '10.0.0.2:80', virtual: '192.0.2.2:80' }).all, ['tcp/192.0.2.2:80 2']);
  assert.deepEqual(found({ virtual: '7' }).all, ['fwm/7 9']);
  assert.deepEqual(found({ server: '10.0.0.2:81' }).all, []);
});

test('by state, where what is asked for is counted', () => {
  const { all, counts } = found({ states: new Set(['down']) });
  assert.deepEqual(all, ['tcp/192.0.2.1:80 2 1', 'tcp/192.0.2.2:80 2']);
  assert.deepEqual([counts.services, counts.servers, counts.down], [2, 2, 2]);
  assert.deepEqual(found({ states: new Set(['problem']) }).all, [
    'tcp/192.0.2.1:80 2 1',
    'tcp/192.0.2.2:80 2 3',
    'fwm/7',
  ]);
});

test('by a text: of a service all of it, of a server that one, whether it is in its name or its reason', () => {
  assert.deepEqual(found({ search: 'shop' }).all, ['tcp/192.0.2.1:80 1 2 1']);
  assert.deepEqual(found({ search: '10.0.0.3' }).all, ['tcp/192.0.2.2:80 3']);
  assert.deepEqual(found({ search: 'REFUSED' }).all, ['tcp/192.0.2.1:80 2', 'tcp/192.0.2.2:80 2']);
  assert.deepEqual(found({ search: '127.0.0.1' }).all, ['tcp/192.0.2.1:80 1']);
  assert.deepEqual(found({ search: 'shop', states: new Set(['down']) }).all, ['tcp/192.0.2.1:80 2 1']);
  assert.deepEqual(found({ search: 'nothing' }).all, []);
});

test('pages of services and of servers have each of them once, and go on where the one before ended', () => {
  const glance: Glance = { stateOf: () => 'up', wordsOf: () => '', isInUse: () => true, isBelowMinimum: () => false };
  const pages = (of: Page['of'], limit: number, selection: Selection = {}): string[] => {
    const { selected } = atOnce(select(config, selection, glance));
    const told: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = pageOf(config, selected, { of, limit, after });
      assert.ok(page !== null && told.length < 10);
      told.push(
        page.selected
          .map(({ virtual, servers }) => `${virtualId(virtual)} ${servers === null ? 'all' : [...servers].join('')}`)
          .join(', '),
      );
      if (page.next === null) return told;
      after = page.next;
    }
  };
  assert.deepEqual(pages('services', 2), ['tcp/192.0.2.1:80 all, tcp/192.0.2.2:80 all', 'fwm/7 all']);
  assert.deepEqual(pages('services', 3), ['tcp/192.0.2.1:80 all, tcp/192.0.2.2:80 all, fwm/7 all']);
  assert.deepEqual(pages('servers', 3), ['tcp/192.0.2.1:80 01, tcp/192.0.2.2:80 0', 'tcp/192.0.2.2:80 1, fwm/7 0']);
  assert.deepEqual(pages('servers', 2), ['tcp/192.0.2.1:80 01', 'tcp/192.0.2.2:80 01', 'fwm/7 0']);
  assert.deepEqual(pages('servers', 1, { server: '10.0.0.2' }), ['tcp/192.0.2.1:80 1', 'tcp/192.0.2.2:80 0']);
  const { selected } = atOnce(select(config, {}, glance));
  assert.equal(pageOf(config, selected, { of: 'services', after: 'tcp/192.0.2.9:80' }), null);
  assert.equal(pageOf(config, selected, { of: 'servers', after: 'tcp/192.0.2.1:80/10.0.0.9:80' }), null);
});
