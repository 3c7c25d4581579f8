/** With the kernel, in a network of the test's own; what it never does by itself comes from a socket of the test's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { netlinkRoute } from '../../../src/netlink/constants.js';
import { type SocketEvents, socketsOf } from '../../../src/netlink/socket.js';
import type { StandingAddress } from '../../../src/path/addresses/codec.js';
import { RouteNetlink } from '../../../src/path/addresses/route-netlink.js';
import { until } from '../../helpers/deadline.js';
import { ip, ownNetwork } from '../../helpers/own-network.js';

const skip = ownNetwork();

function at(address: string, index: number, label: string | null = null): StandingAddress {
  const family = address.includes(':') ? 'inet6' : 'inet';
  return { family, address, index, prefix: family === 'inet' ? 32 : 128, label, lifetime: null };
}

test('devices and addresses are read, added and removed; a refusal has its code', { skip }, async (t) => {
  ip('link add d0 type veth peer name d1');
  t.after(() => ip('link del d0'));
  const routes = new RouteNetlink();
  t.after(() => routes.close());
  assert.equal(await routes.device('d9'), null);
  assert.deepEqual(await routes.device('lo'), { name: 'lo', index: 1, isUp: true, isConnected: true, hardware: null });
  const down = await routes.device('d0');
  assert.ok(down);
  assert.deepEqual([down.isUp, down.isConnected, down.hardware?.length], [false, false, 6]);
  for (const end of ['d0', 'd1']) ip(`link set ${end} up`);
  await until('it is connected', async () => (await routes.device('d0'))?.isConnected === true);
  const { index } = down;
  const four = at('192.0.2.1', index, 'd0:1');
  const six = at('2001:db8::1', index);
  const stands = async () => (await routes.addresses()).filter((one) => one.index === index && one.prefix !== 64);
  const all = [four, six].map((address) => ({ type: 'add', address }) as const);
  assert.deepEqual(await routes.change(all), [null, null]);
  assert.deepEqual(await stands(), [four, six]);
  const codes = async (...changes: Parameters<typeof routes.change>[0]) =>
    (await routes.change(changes)).map((refusal) => refusal?.code ?? null);
  assert.deepEqual(await codes(...all), ['EEXIST', 'EEXIST']);
  const elsewhere = { type: 'add', address: at('192.0.2.2', 9_999) } as const;
  const removals = [four, six].map((address) => ({ type: 'remove', address }) as const);
  assert.deepEqual(await codes(elsewhere, ...removals, ...removals), [
    'ENODEV',
    null,
    null,
    'EADDRNOTAVAIL',
    'EADDRNOTAVAIL',
  ]);
  assert.deepEqual(await stands(), []);
  // More than are sent at once.
  const many = Array.from({ length: 150 }, (_, number) => {
    return { type: 'add', address: at(`198.51.100.${number + 1}`, index, 'd0') } as const;
  });
  assert.ok((await routes.change(many)).every((refusal) => refusal === null));
  assert.equal((await stands()).length, 150);
  routes.close();
  await assert.rejects(routes.addresses(), { code: 'EBADF' });
});

test('what changes is heard of, and what was lost as well', { skip }, async (t) => {
  const heard: string[] = [];
  const listener = {
    onAddress: ({ address }: StandingAddress) => heard.push(address),
    onDevice: ({ name }: { readonly name: string }) => heard.push(name),
    onLost: () => heard.push('lost'),
  };
  const routes = new RouteNetlink();
  t.after(() => routes.close());
  await routes.listen(listener);
  ip('link add d0 type veth peer name d1');
  t.after(() => ip('link del d0'));
  ip('addr add 192.0.2.1/32 dev d0');
  await until('both are heard', () => heard.includes('d0') && heard.includes('192.0.2.1'));
  heard.length = 0;
  ip('addr del 192.0.2.1/32 dev d0');
  await until('that it went is heard', () => heard.includes('192.0.2.1'));
  assert.ok(!heard.includes('lost'));

  const opened: SocketEvents[] = [];
  let closed = 0;
  const open = async (events: SocketEvents) => {
    opened.push(events);
    const close = (): void => {
      closed += 1;
    };
    return { receiveBuffer: 0, largestSend: 0, send: () => {}, close };
  };
  const other = new RouteNetlink(socketsOf(netlinkRoute), open);
  t.after(() => other.close());
  heard.length = 0;
  await other.listen(listener);
  const [events] = opened;
  events?.message(Buffer.alloc(3), 4_711);
  assert.deepEqual(heard, [], 'somebody else than the kernel');
  events?.message(Buffer.alloc(3), 0);
  events?.error(Object.assign(new Error('overrun'), { code: 'ENOBUFS' }));
  assert.deepEqual([heard, closed], [['lost', 'lost'], 0]);
  await other.listen(listener);
  assert.equal(opened.length, 1);
  events?.error(Object.assign(new Error('gone'), { code: 'EBADF' }));
  assert.deepEqual([heard.length, closed], [3, 1]);
  await other.listen(listener);
  assert.equal(opened.length, 2);
});
