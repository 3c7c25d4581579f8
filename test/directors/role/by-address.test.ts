/** With the kernel, in a network of the test's own; what it never does by itself comes from routes of the test's. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { AddressRole } from '../../../src/directors/role/by-address.js';
import { netlinkRoute } from '../../../src/netlink/constants.js';
import { type SocketEvents, socketsOf } from '../../../src/netlink/socket.js';
import { routeGroups } from '../../../src/path/addresses/numbers.js';
import { type OwnAddress, ownKey } from '../../../src/path/addresses/plan.js';
import { type RouteListener, RouteNetlink, type Routes } from '../../../src/path/addresses/route-netlink.js';
import { until, within } from '../../helpers/deadline.js';
import { ip, ownNetwork } from '../../helpers/own-network.js';

const skip = ownNetwork();
const vip = '192.0.2.1';
const vips = new Set([vip]);

test('an address of this program is no sign, also beside one that somebody else has put there', { skip }, async (t) => {
  ip('link add d0 type veth peer name d1');
  t.after(() => ip('link del d0'));
  const index = Number(/^(\d+):/.exec(ip('-o link show dev d0'))?.[1]);
  const mine: OwnAddress = { family: 'inet', address: vip, prefix: 32, device: 'd0', index };
  let own = new Map([[ownKey(mine), mine]]);
  const role = new AddressRole({ onChange: () => {}, own: async () => own });
  t.after(() => role.close());
  ip(`addr add ${vip}/32 dev d0`);
  await within('it is known', role.follow(vips));
  assert.equal(role.state.word, 'passive');
  ip(`addr add ${vip}/32 dev d1`);
  await until('it is active', () => role.state.word === 'active');
  ip(`addr del ${vip}/32 dev d1`);
  await until('it is passive again', () => role.state.word === 'passive');
  own = new Map();
  role.look();
  await until('it turns out to be somebody else’s', () => role.state.word === 'active');
});

test('what was lost is read anew, and a listener that ended begins again', { skip }, async (t) => {
  ip('link add d0 type veth peer name d1');
  t.after(() => ip('link del d0'));
  const opened: SocketEvents[] = [];
  // Hears nothing but what the test tells.
  const deaf = socketsOf(netlinkRoute);
  const routes = new RouteNetlink(socketsOf(netlinkRoute), async (events, size) => {
    opened.push(events);
    return deaf({ message: () => {}, error: () => {} }, size);
  });
  const role = new AddressRole({ onChange: () => {}, own: async () => new Map(), routes });
  t.after(() => role.close());
  await within('it is known', role.follow(vips));
  ip(`addr add ${vip}/32 dev d0`);
  opened[0]?.error(Object.assign(new Error('ENOBUFS'), { code: 'ENOBUFS' }));
  await until('the overrun is made up for', () => role.state.word === 'active');
  assert.equal(opened.length, 1);
  ip(`addr del ${vip}/32 dev d0`);
  opened[0]?.error(Object.assign(new Error('EIO'), { code: 'EIO' }));
  await until('it listens again', () => opened.length === 2 && role.state.word === 'passive');
});

test('an overrun of the kernel’s own leaves nothing missed', { skip }, async (t) => {
  ip('link add d0 type veth peer name d1');
  t.after(() => ip('link del d0'));
  let lost = 0;
  const listening = socketsOf(netlinkRoute, routeGroups);
  const routes = new RouteNetlink(socketsOf(netlinkRoute), (events, size) => {
    const error = (failure: NodeJS.ErrnoException): void => {
      if (failure.code === 'ENOBUFS') lost += 1;
      events.error(failure);
    };
    return listening({ ...events, error }, size);
  });
  const role = new AddressRole({ onChange: () => {}, own: async () => new Map(), routes });
  t.after(() => role.close());
  await within('it is known', role.follow(vips));
  // More than the socket's buffer takes while this thread does not read: the address is among what is lost.
  const flood = Array.from({ length: 1_200 }, (_, number) => `addr add 10.${number >> 8}.${number & 255}.1/32 dev d0`);
  execFileSync('ip', ['-force', '-batch', '-'], {
    input: [...flood, `addr add ${vip}/32 dev d0`, ...flood.map((line) => line.replace(' add ', ' del '))].join('\n'),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await until('it is active', () => role.state.word === 'active');
  assert.ok(lost > 0, 'the kernel has dropped none');
});

test('while addresses cannot be read nobody says it, and it is tried again', { skip }, async (t) => {
  let fails = true;
  const refusal = Object.assign(new Error('no socket'), { code: 'EMFILE' });
  const routes: Routes = {
    device: async () => null,
    addresses: async () => [],
    change: async () => [],
    listen: async (_: RouteListener) => {
      if (fails) throw refusal;
    },
    close: () => {},
  };
  let changes = 0;
  const role = new AddressRole({ onChange: () => (changes += 1), own: async () => new Map(), routes, retryDelay: 5 });
  t.after(() => role.close());
  await within('it is known that nobody says it', role.follow(vips));
  assert.deepEqual(role.state, {
    word: 'unknown',
    held: null,
    fault: 'the addresses of this machine cannot be read: no socket (EMFILE)',
  });
  fails = false;
  await until('it is known', () => role.state.word === 'passive');
  assert.equal(changes, 2);
  await within('without addresses', role.follow(new Set()));
  assert.deepEqual(
    [role.state.word, role.state.fault],
    ['unknown', 'no virtual service has an address that could say it'],
  );
});
