import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionStatus, VirtualStatus } from '../../src/status/model.js';
import { leftText, Remaining } from '../../src/verbs/remaining.js';
import { serverStatus, statusOf, virtualStatus } from '../helpers/status.js';

const server = '10.0.0.1:80';

/** A virtual with the server at a weight, null for out of the table, and these connections. */
function service(
  weight: number | null,
  connections: Partial<ConnectionStatus> = {},
  settings: Partial<VirtualStatus> = {},
): VirtualStatus {
  const counts = weight === null ? null : { active: 0, inactive: 0, persistent: 0, ...connections };
  return virtualStatus({ servers: [serverStatus({ name: server, weight, connections: counts })], ...settings });
}

/** What each look says of the server in the named virtuals. */
function looks(places: readonly Pick<VirtualStatus, 'name' | 'protocol'>[], ...virtuals: (readonly VirtualStatus[])[]) {
  const remaining = new Remaining(
    places.map(({ name, protocol }) => ({ family: 'inet', protocol, virtual: name, server })),
  );
  return virtuals.map((seen) => {
    const { left, ...rest } = remaining.at(statusOf(seen));
    return { left: leftText(left), ...rest };
  });
}

const tcp = { name: '192.0.2.1:80', protocol: 'tcp' } as const;
const place = `${server} (tcp 192.0.2.1:80)`;
const nothing = { left: '', open: [], gone: [], lost: [] };

test('of TCP active connections count, of UDP and of marks all, and clients that persistence sends on', () => {
  const counts = { active: 2, inactive: 3, persistent: 4 };
  const left = (settings: Partial<VirtualStatus>) => {
    const virtual = service(0, counts, settings);
    return looks([virtual], [virtual])[0];
  };
  assert.deepEqual(left({}), { ...nothing, left: '2 active connections', noun: 'active connection' });
  for (const protocol of ['udp', 'fwm'] as const) {
    const all = '2 active connections, 3 inactive connections';
    assert.deepEqual(left({ protocol }), { ...nothing, left: all, noun: 'connection' });
  }
  assert.deepEqual(left({ persists: true }), {
    ...nothing,
    left: '2 active connections, 4 persistent clients',
    noun: 'active connection or persistent client',
  });
});

test('a server that takes connections still is not empty, whatever it has', () => {
  assert.deepEqual(looks([tcp], [service(1)], [service(0)]), [
    { ...nothing, noun: 'active connection', open: [place] },
    { ...nothing, noun: 'active connection' },
  ]);
});

test('gone from the table is not empty: nothing is known of it, or what was left is lost', () => {
  assert.deepEqual(looks([tcp], [service(null)], []), [
    { ...nothing, noun: null, gone: [place] },
    { ...nothing, noun: null, gone: [place] },
  ]);
  const lost = [`${place} with 1 active connection left`];
  assert.deepEqual(looks([tcp], [service(0, { active: 1 })], [service(null)], [service(0)]).slice(1), [
    { ...nothing, noun: null, lost },
    { ...nothing, noun: 'active connection', lost },
  ]);
  // Emptied before it went.
  assert.deepEqual(looks([tcp], [service(0)], [service(null)])[1], { ...nothing, noun: null, gone: [place] });
});

test('each place counts once, others not at all', () => {
  const other = { ...service(0, { active: 9 }), name: '192.0.2.2:80' };
  const twice = [service(0, { active: 1 }), service(0, { active: 1 }), other];
  assert.equal(looks([tcp, tcp], twice)[0]?.left, '1 active connection');
  assert.equal(looks([tcp, other], twice)[0]?.left, '10 active connections');
});
