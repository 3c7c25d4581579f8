/** Announcements as a second machine at the other end of a link sees them: in its table of neighbours. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnnounceOptions, announceAddresses } from '../../../src/path/addresses/announce.js';
import type { Frame } from '../../../src/path/addresses/frames.js';
import { RouteNetlink } from '../../../src/path/addresses/route-netlink.js';
import type { AddressPlace } from '../../../src/path/addresses/wanted.js';
import { until, within } from '../../helpers/deadline.js';
import { ip, neighbour, ownNetwork } from '../../helpers/own-network.js';

const skip = ownNetwork();
const other = '02:00:00:00:00:99';
const places: readonly AddressPlace[] = [
  { family: 'inet', address: '192.0.2.10', device: 'near' },
  { family: 'inet6', address: '2001:db8::10', device: 'near' },
];

test('a neighbour that has another machine in mind for an address learns of this one', { skip }, async (t) => {
  const far = await neighbour('near', 'far', [['192.0.2.1/24', '192.0.2.2/24']]);
  t.after(far.stop);
  for (const { address } of places) far.run(`ip neigh replace ${address} lladdr ${other} dev far nud stale`);
  const routes = new RouteNetlink();
  t.after(() => routes.close());
  const options: AnnounceOptions = {
    deviceOf: (name) => routes.device(name),
    onFailure: (_, { reason }) => assert.fail(reason),
    times: 2,
    distance: 1,
  };
  const [, own = ''] = /link\/ether (\S+)/.exec(ip('link show dev near')) ?? [];
  const { over } = announceAddresses(places, options);
  await within('it is said', over);
  for (const { address } of places) {
    await until(`${address} is known to be here`, () => far.run(`ip neigh show ${address}`).includes(own));
  }
});

test('it is said as often as asked, of what is here still, and not where nobody asks or after the end', {
  skip,
}, async () => {
  const sent: Frame[] = [];
  let opened = 0;
  const options: AnnounceOptions = {
    deviceOf: async (name) => {
      const hardware = name === 'near' ? new Uint8Array(6) : null;
      return { name, index: 1, isUp: true, isConnected: true, hardware };
    },
    isRouter: async () => false,
    onFailure: () => assert.fail(),
    open: () => {
      opened += 1;
      return { send: (_, frame) => void sent.push(frame), close: () => {} };
    },
    distance: 1,
  };
  await within('three times', announceAddresses(places, options).over);
  // Two of ARP and one advertisement each time.
  assert.deepEqual([opened, sent.length], [3, 9]);
  sent.length = 0;
  await within('of none', announceAddresses(places, { ...options, isHere: () => false }).over);
  await within('on lo', announceAddresses([{ ...places[0], device: 'lo' } as AddressPlace], options).over);
  assert.equal(sent.length, 0);
  const ended = announceAddresses(places, { ...options, distance: 60_000 });
  await until('it was said once', () => sent.length === 3);
  ended.end();
  await within('the end', ended.over);
  assert.equal(sent.length, 3);
});

test('what goes wrong is told once, with what to do', { skip }, async () => {
  const told: string[] = [];
  const options: AnnounceOptions = {
    deviceOf: async (name) => ({ name, index: 1, isUp: true, isConnected: true, hardware: new Uint8Array(6) }),
    onFailure: ({ address }, { code, reason }) => told.push(`${address} ${code} ${reason}`),
    open: () => {
      throw Object.assign(new Error('EPERM: socket'), { code: 'EPERM' });
    },
    distance: 1,
  };
  await within('it is said', announceAddresses(places, options).over);
  assert.deepEqual(told, ['192.0.2.10 EPERM EPERM: socket: it takes the capability CAP_NET_RAW']);
});
