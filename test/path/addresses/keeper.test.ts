/** With the kernel's own addresses, in a network of the test's own. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Event } from '../../../src/events.js';
import type { AnnounceOptions } from '../../../src/path/addresses/announce.js';
import { addressJournal } from '../../../src/path/addresses/journal.js';
import { AddressKeeper } from '../../../src/path/addresses/keeper.js';
import {
  type AddressPlace,
  placeKey,
  type WantedAddress,
  type WantedAddresses,
} from '../../../src/path/addresses/wanted.js';
import { until } from '../../helpers/deadline.js';
import { ip, ownNetwork } from '../../helpers/own-network.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const skip = ownNetwork();

function wanted(...places: readonly WantedAddress[]): WantedAddresses {
  return { places: new Map(places.map((place) => [placeKey(place), place])), unknown: [] };
}

function at(address: string, device: string, rest: Partial<WantedAddress> = {}): WantedAddress {
  const family = address.includes(':') ? 'inet6' : 'inet';
  const prefix = family === 'inet' ? 32 : 128;
  return { family, address, device, prefix, label: null, cleanstop: true, lifetime: null, ...rest };
}

interface World {
  readonly keeper: AddressKeeper;
  readonly events: Event[];
  readonly announced: AddressPlace[];
  readonly path: string;
}

async function world(t: TestContext, path?: string): Promise<World> {
  const journal = path ?? join(await temporaryDirectory(t), 'vips');
  const events: Event[] = [];
  const announced: AddressPlace[] = [];
  const announce = (addresses: readonly AddressPlace[], _: AnnounceOptions) => {
    announced.push(...addresses);
    return { over: Promise.resolve(), end: () => {} };
  };
  const publish = (event: Event): void => void events.push(event);
  const keeper = new AddressKeeper({ journal: addressJournal(journal), publish, announce, retryDelay: 50 });
  t.after(() => keeper.leave());
  return { keeper, events, announced, path: journal };
}

/** A device that is up, and goes with the test. */
function device(t: TestContext, name: string, ...addresses: readonly string[]): void {
  ip(`link add ${name} type veth peer name ${name}-far`);
  t.after(() => ip(`link del ${name}`));
  for (const end of [name, `${name}-far`]) ip(`link set ${end} up`);
  for (const address of addresses) ip(`addr add ${address} dev ${name}`);
}

/** `192.0.2.1/32 eth0:0`, the label at the end, and `2001:db8::1/128`. */
function addressesOf(name: string): string[] {
  const lines = ip(`-o addr show dev ${name} scope global`).split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, address = '', rest = ''] = /inet6? (\S+) ([^\\]*)/.exec(line) ?? [];
    return address.includes(':') ? address : `${address} ${rest.trim().split(' ').at(-1)}`;
  });
}

function told(events: readonly Event[]): string[] {
  return events.map((event) => {
    if (event.type === 'vip-failed') return `${event.type} ${event.addresses.join(' ')} ${event.code}`;
    return 'address' in event ? `${event.type} ${event.address} ${'device' in event ? event.device : ''}` : event.type;
  });
}

async function take({ keeper }: World, ...places: readonly WantedAddress[]): Promise<void> {
  keeper.want(wanted(...places));
  await keeper.whenSettled(30_000);
}

test('addresses are added with their label and told, and go as cleanstop says', { skip }, async (t) => {
  device(t, 'd0');
  const one = await world(t);
  const places = [
    at('192.0.2.1', 'd0', { label: 'd0:vip' }),
    at('192.0.2.2', 'd0', { cleanstop: false }),
    at('2001:db8::1', 'd0'),
  ];
  await take(one, ...places);
  assert.deepEqual(addressesOf('d0'), ['192.0.2.1/32 d0:vip', '192.0.2.2/32 d0', '2001:db8::1/128']);
  const flags = ip('-6 -o addr show dev d0 scope global');
  assert.match(flags, /deprecated/);
  assert.doesNotMatch(flags, /tentative/);
  assert.deepEqual(told(one.events), ['vip-added 192.0.2.1 d0', 'vip-added 192.0.2.2 d0', 'vip-added 2001:db8::1 d0']);
  assert.deepEqual(
    one.announced.map(({ address }) => address),
    places.map(({ address }) => address),
  );
  await one.keeper.close();
  assert.deepEqual(addressesOf('d0'), ['192.0.2.2/32 d0']);
  assert.deepEqual(told(one.events).slice(3), ['vip-removed 192.0.2.1 d0', 'vip-removed 2001:db8::1 d0']);
  // The one that was left is still ours, and is not told again.
  const next = await world(t, one.path);
  await take(next, at('192.0.2.2', 'd0'));
  assert.deepEqual(told(next.events), []);
  assert.deepEqual(next.announced, []);
  await next.keeper.close();
  assert.deepEqual(addressesOf('d0'), []);
});

test('what stood there before is somebody else’s: told once, and never removed', { skip }, async (t) => {
  device(t, 'd0', '192.0.2.1/24', '2001:db8::1/64');
  const one = await world(t);
  const places = [at('192.0.2.1', 'd0'), at('2001:db8::1', 'd0')];
  await take(one, ...places);
  await take(one, ...places);
  assert.deepEqual(told(one.events), ['vip-foreign 192.0.2.1 d0', 'vip-foreign 2001:db8::1 d0']);
  assert.deepEqual(one.keeper.statusOf(at('192.0.2.1', 'd0')), {
    stands: true,
    why: 'somebody else has put it there',
  });
  await take(one);
  await take(one, ...places);
  await one.keeper.close();
  assert.deepEqual(addressesOf('d0'), ['192.0.2.1/24 d0', '2001:db8::1/64']);
});

test('an address that somebody takes away is put back, and less often where that goes on', { skip }, async (t) => {
  device(t, 'd0');
  const one = await world(t);
  await take(one, at('192.0.2.1', 'd0'), at('192.0.2.2', 'd0'));
  one.events.length = 0;
  for (let round = 1; round <= 3; round += 1) {
    ip('addr del 192.0.2.1/32 dev d0');
    await until('it is back', () => addressesOf('d0').length === 2);
  }
  await one.keeper.whenSettled(30_000);
  const each = ['vip-drifted 192.0.2.1 d0', 'vip-added 192.0.2.1 d0'];
  assert.deepEqual(told(one.events), [...each, ...each, ...each]);
  ip('addr del 192.0.2.1/32 dev d0');
  await until('somebody is suspected', () => told(one.events).includes('vip-contested 192.0.2.1 d0'));
  await until('it is back all the same', () => addressesOf('d0').length === 2);
});

test('a reload moves an address, and another label is no other address', { skip }, async (t) => {
  device(t, 'd0');
  device(t, 'd1');
  const one = await world(t);
  await take(one, at('192.0.2.1', 'd0'));
  await take(one, at('192.0.2.1', 'd1'));
  assert.deepEqual([addressesOf('d0'), addressesOf('d1')], [[], ['192.0.2.1/32 d1']]);
  assert.deepEqual(told(one.events).slice(1), ['vip-added 192.0.2.1 d1', 'vip-removed 192.0.2.1 d0']);
  await take(one, at('192.0.2.1', 'd1', { label: 'd1:1' }));
  assert.deepEqual(addressesOf('d1'), ['192.0.2.1/32 d1:1']);
  await one.keeper.close();
  assert.deepEqual(addressesOf('d1'), []);
});

test('a device that is missing or down is waited for', { skip }, async (t) => {
  const one = await world(t);
  const heard = (text: string) => until(`${text} is told`, () => told(one.events).includes(text));
  await take(one, at('192.0.2.1', 'd0'), at('2001:db8::1', 'd0'));
  assert.deepEqual(told(one.events), ['vip-failed 192.0.2.1 2001:db8::1 ENODEV']);
  assert.match(one.keeper.statusOf(at('192.0.2.1', 'd0')).why ?? '', /there is no device d0/);
  ip('link add d0 type veth peer name d0-far');
  ip('link set d0-far up');
  await heard('vip-failed 192.0.2.1 2001:db8::1 ENETDOWN');
  ip('link set d0 up');
  await heard('vip-added 2001:db8::1 d0');
  assert.equal(addressesOf('d0').length, 2);
  // The kernel takes those of IPv6 from a device that goes down.
  await one.keeper.whenSettled(30_000);
  one.events.length = 0;
  one.announced.length = 0;
  ip('link set d0 down');
  await heard('vip-failed 192.0.2.1 2001:db8::1 ENETDOWN');
  ip('link set d0 up');
  await heard('vip-restored 192.0.2.1 d0');
  await heard('vip-added 2001:db8::1 d0');
  // One of IPv6 may be there before the cable is seen to be in.
  await until('both are announced again', () => new Set(one.announced.map(({ address }) => address)).size === 2);
  // One that comes back under its name is another device.
  await one.keeper.whenSettled(30_000);
  one.events.length = 0;
  ip('link del d0');
  await heard('vip-failed 192.0.2.1 2001:db8::1 ENODEV');
  device(t, 'd0');
  await heard('vip-added 192.0.2.1 d0');
  await heard('vip-added 2001:db8::1 d0');
  assert.ok(!told(one.events).some((text) => text.startsWith('vip-drifted')));
});

test('what is ours after a kill is known from the journal, and what nobody wants any more goes', {
  skip,
}, async (t) => {
  device(t, 'd0');
  const one = await world(t);
  await take(one, at('192.0.2.1', 'd0'), at('192.0.2.2', 'd0'));
  await one.keeper.leave();
  ip('addr del 192.0.2.2/32 dev d0');
  ip('addr add 192.0.2.3/32 dev d0');
  const next = await world(t, one.path);
  await take(next, at('192.0.2.2', 'd0'), at('192.0.2.3', 'd0'));
  assert.deepEqual(addressesOf('d0'), ['192.0.2.3/32 d0', '192.0.2.2/32 d0']);
  assert.deepEqual(told(next.events).toSorted(), [
    'vip-added 192.0.2.2 d0',
    'vip-foreign 192.0.2.3 d0',
    'vip-removed 192.0.2.1 d0',
  ]);
  await next.keeper.close();
  assert.deepEqual(addressesOf('d0'), ['192.0.2.3/32 d0']);
});

test('what stands for a name that is not known stays', { skip }, async (t) => {
  device(t, 'd0');
  const one = await world(t);
  await take(one, at('192.0.2.1', 'd0'));
  await one.keeper.leave();
  const next = await world(t, one.path);
  next.keeper.want({ places: new Map(), unknown: [{ family: 'inet', device: 'd0' }] });
  await next.keeper.whenSettled(30_000);
  await next.keeper.close();
  assert.deepEqual(addressesOf('d0'), ['192.0.2.1/32 d0']);
  const last = await world(t, one.path);
  await take(last);
  assert.deepEqual(addressesOf('d0'), []);
});

test('a journal that is not understood is put aside, and one that cannot be written is told once', {
  skip,
}, async (t) => {
  device(t, 'd0');
  const path = join(await temporaryDirectory(t), 'vips');
  await writeFile(path, '{"ldirectord":"vips","format":2}\n');
  const one = await world(t, path);
  await take(one, at('192.0.2.1', 'd0'));
  assert.deepEqual(told(one.events), ['vip-journal-lost', 'vip-added 192.0.2.1 d0']);
  assert.equal(await readFile(`${path}.bad`, 'utf8'), '{"ldirectord":"vips","format":2}\n');
  const lost = await world(t, join(path, 'no-folder', 'vips'));
  await take(lost, at('192.0.2.2', 'd0'), at('192.0.2.3', 'd0'));
  assert.equal(told(lost.events).filter((text) => text === 'vip-journal-lost').length, 2);
  assert.equal(addressesOf('d0').length, 3);
});

test('without addresses nothing is opened or written', { skip }, async (t) => {
  const path = join(await temporaryDirectory(t), 'vips');
  const keeper = new AddressKeeper({
    journal: addressJournal(path),
    publish: () => assert.fail(),
    routes: {
      device: () => assert.fail(),
      addresses: () => assert.fail(),
      change: () => assert.fail(),
      listen: () => assert.fail(),
      close: () => {},
    },
  });
  keeper.want(wanted());
  await keeper.whenSettled(30_000);
  await keeper.close();
  await assert.rejects(readFile(path), { code: 'ENOENT' });
});

test('what is announced has a lifetime that is renewed, and none where vip wants it, too', { skip }, async (t) => {
  device(t, 'a0');
  device(t, 'a1');
  const { keeper } = await world(t);
  keeper.lookEvery(50);
  const lifetime = 3;
  const announced = [at('192.0.2.1', 'a0', { lifetime }), at('2001:db8::1', 'a0', { lifetime })];
  keeper.announceOn('a0', [...announced, at('192.0.2.2', 'a0', { lifetime })]);
  const lifetimes = (name: string): Record<string, string> => {
    const lines = ip(`-o addr show dev ${name} scope global`).split('\n').slice(0, -1);
    return Object.fromEntries(
      lines.map((line) => [/inet6? (\S+)\//.exec(line)?.[1] ?? '', /valid_lft (\S+)/.exec(line)?.[1] ?? '']),
    );
  };
  await keeper.whenSettled(5_000);
  assert.deepEqual(lifetimes('a0'), {}, 'nothing before the services of the file stand');
  keeper.want(wanted(at('192.0.2.2', 'a0')));
  await until('all stand', () => Object.keys(lifetimes('a0')).length === 3);
  assert.equal(lifetimes('a0')['192.0.2.2'], 'forever');
  const [began, gone] = [Date.now(), new Set<string>()];
  while (Date.now() - began < 2.5 * lifetime * 1_000) {
    for (const address of ['192.0.2.1', '2001:db8::1']) if (!lifetimes('a0')[address]) gone.add(address);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual([...gone], []);
  assert.match(lifetimes('a0')['2001:db8::1'] ?? '', /^\d+sec$/);
  // Nobody renews it any more.
  keeper.lookEvery(3_600_000);
  await keeper.leave();
  await until('the kernel takes it back', () => Object.keys(lifetimes('a0')).length === 1);
  assert.deepEqual(lifetimes('a0'), { '192.0.2.2': 'forever' });
});

test('what is announced and what vip wants go one without the other, and stay where the time is to be without end', {
  skip,
}, async (t) => {
  device(t, 'a0');
  const { keeper, events } = await world(t);
  const standing = () =>
    ip('-o -4 addr show dev a0')
      .split('\n')
      .slice(0, -1)
      .map((line) => `${/inet (\S+)/.exec(line)?.[1]} ${/valid_lft (\S+)/.exec(line)?.[1]}`)
      .toSorted();
  keeper.announceOn('a0', [at('192.0.2.1', 'a0', { lifetime: 1_000 })]);
  keeper.want(wanted(at('192.0.2.1', 'a0')));
  await until('it stands', () => standing().length === 1);
  keeper.announceOn('a0', []);
  await keeper.whenSettled(5_000);
  assert.deepEqual(standing(), ['192.0.2.1/32 forever']);
  keeper.announceOn('a0', [at('192.0.2.1', 'a0', { lifetime: 1_000 })]);
  keeper.want(wanted());
  await until('it is as it was announced', () => /^192\.0\.2\.1\/32 \d+sec$/.test(standing()[0] ?? ''));
  keeper.announceOn('a0', [at('192.0.2.1', 'a0')]);
  await until('it stays for ever', () => standing()[0] === '192.0.2.1/32 forever');
  keeper.announceOn('a0', []);
  await until('it is gone', () => standing().length === 0);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['vip-added', 'vip-removed'],
  );
});
