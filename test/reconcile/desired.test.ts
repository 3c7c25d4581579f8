import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RealServer } from '../../src/model/config.js';
import { unknownOrigin } from '../../src/model/origin.js';
import type { Hold, WeightOverride } from '../../src/model/override.js';
import type { Desired } from '../../src/reconcile/desired.js';
import { configOf } from '../helpers/configuration.js';
import { wantedOf } from '../helpers/standings.js';

/** Each service with its destinations as `address:port forward weight`, one a line. */
function render(table: Desired): string[] {
  return [...table].flatMap(([key, { destinations }]) => [
    key,
    ...[...destinations].map(([to, { forward, weight }]) => `  ${to} ${forward} ${weight}`),
  ]);
}

/** The table with the named real servers up. */
function tableOf(text: string, ...up: string[]): string[] {
  return render(wantedOf(configOf(text), (real) => up.includes(real.host.name)));
}

const web = `
virtual=192.0.2.1:80
	real=10.0.0.1:8080 masq 3
	real=10.0.0.2:8080 masq
	fallback=127.0.0.1:8081 masq
`;

test('a server that is up stands with its weight, one that is down does not', () => {
  assert.deepEqual(tableOf(web, '10.0.0.1'), ['tcp 192.0.2.1:80', '  10.0.0.1:8080 masq 3']);
});

test('the fallback stands exactly while no real server is up', () => {
  assert.deepEqual(tableOf(web), ['tcp 192.0.2.1:80', '  127.0.0.1:8081 masq 1']);
  assert.deepEqual(tableOf(web, '10.0.0.1', '10.0.0.2').length, 3);
});

test('quiescent: down means weight 0, and the fallback still comes', () => {
  const expected = ['tcp 192.0.2.1:80', '  10.0.0.1:8080 masq 0', '  10.0.0.2:8080 masq 0', '  127.0.0.1:8081 masq 1'];
  assert.deepEqual(tableOf(`quiescent=yes${web}`), expected);
  assert.deepEqual(tableOf(`${web}\tquiescent=yes\n`), expected);
});

test('a virtual overrides the global setting', () => {
  assert.deepEqual(tableOf(`quiescent=yes${web}\tquiescent=no\n`, '10.0.0.2'), [
    'tcp 192.0.2.1:80',
    '  10.0.0.2:8080 masq 1',
  ]);
});

test('the global fallback serves every virtual without its own, each address family its own', () => {
  const text = `
fallback=127.0.0.1:81 masq
fallback6=[::1]:82 masq
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
virtual6=[2001:db8::1]:80
	real6=[2001:db8::2]:80 gate
`;
  assert.deepEqual(tableOf(text), [
    'tcp 192.0.2.1:80',
    '  127.0.0.1:81 masq 1',
    'tcp [2001:db8::1]:80',
    '  [::1]:82 masq 1',
  ]);
});

test('only masquerading maps ports, and a firewall mark maps none', () => {
  const reals = '\treal=10.0.0.1:8080 gate\n\treal=10.0.0.2:8080 ipip\n\treal=10.0.0.3:8080 masq\n';
  const all = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  assert.deepEqual(tableOf(`virtual=192.0.2.1:80\n${reals}`, ...all), [
    'tcp 192.0.2.1:80',
    '  10.0.0.1:80 gate 1',
    '  10.0.0.2:80 ipip 1',
    '  10.0.0.3:8080 masq 1',
  ]);
  assert.deepEqual(tableOf(`virtual=5\n${reals}`, ...all), [
    'fwm 5',
    '  10.0.0.1:8080 gate 1',
    '  10.0.0.2:8080 ipip 1',
    '  10.0.0.3:8080 masq 1',
  ]);
});

test('a server of weight 0 that is up keeps the fallback out', () => {
  assert.deepEqual(tableOf(web.replace('masq 3', 'masq 0'), '10.0.0.1'), [
    'tcp 192.0.2.1:80',
    '  10.0.0.1:8080 masq 0',
  ]);
});

test('a port left out stays 0 where ports are mapped: the client’s own', () => {
  assert.deepEqual(tableOf('virtual=192.0.2.1:80\n\treal=10.0.0.1 masq\n\treal=10.0.0.1 gate\n', '10.0.0.1'), [
    'tcp 192.0.2.1:80',
    '  10.0.0.1:0 masq 1',
    '  10.0.0.1:80 gate 1',
  ]);
});

test('a server whose name has no address stands nowhere, and the fallback stands in', () => {
  assert.deepEqual(tableOf('virtual=192.0.2.1:80\n\treal=nowhere.example:80 gate\n\tfallback=127.0.0.1:80\n'), [
    'tcp 192.0.2.1:80',
    '  127.0.0.1:80 gate 1',
  ]);
});

test('a fallback that is also a quiescent real server stands with its weight', () => {
  const text = 'quiescent=yes\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tfallback=10.0.0.1:80 gate\n';
  assert.deepEqual(tableOf(text), ['tcp 192.0.2.1:80', '  10.0.0.1:80 gate 1']);
});

test('two virtuals whose names have one address are one service with the servers of both', () => {
  const { global, virtuals } = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 gate\n',
  );
  const [{ endpoint } = assert.fail()] = virtuals;
  const config = { global, virtuals: virtuals.map((virtual) => ({ ...virtual, endpoint })) };
  assert.deepEqual(render(wantedOf(config, () => true)).sort(), [
    '  10.0.0.1:80 gate 1',
    '  10.0.0.2:80 gate 1',
    'tcp 192.0.2.1:80',
  ]);
});

test('of two virtuals that are one service the fallbacks stand only while neither has a server in use', () => {
  const text = (first: string, second: string) =>
    `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n${first}\tscheduler=rr\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 gate\n${second}\tscheduler=wlc\n`;
  const merged = (first: string, second: string, ...up: string[]): string[] => {
    const { global, virtuals } = configOf(text(first, second));
    const [{ endpoint } = assert.fail()] = virtuals;
    const config = { global, virtuals: virtuals.map((virtual) => ({ ...virtual, endpoint })) };
    return render(wantedOf(config, (real) => up.includes(real.host.name)))
      .slice(1)
      .toSorted();
  };
  const [one, other] = ['\tfallback=127.0.0.1:80 gate\n', '\tfallback=127.0.0.2:80 gate\n'];
  assert.deepEqual(merged(one, other), ['  127.0.0.1:80 gate 1', '  127.0.0.2:80 gate 1']);
  assert.deepEqual(merged(one, other, '10.0.0.2'), ['  10.0.0.2:80 gate 1']);
  assert.deepEqual(merged(one, other, '10.0.0.1'), ['  10.0.0.1:80 gate 1']);
  assert.deepEqual(merged(one, '', '10.0.0.2'), ['  10.0.0.2:80 gate 1']);
  // A fallback that is a quiescent real server as well is left as that.
  const also = '\tfallback=10.0.0.1:80 gate\n\tquiescent=yes\n';
  assert.deepEqual(merged(also, ''), ['  10.0.0.1:80 gate 1']);
  assert.deepEqual(merged(also, '', '10.0.0.2'), ['  10.0.0.1:80 gate 0', '  10.0.0.2:80 gate 1']);
});

/** The table of `web` with 10.0.0.1 up or not and as asked, 10.0.0.2 down. */
function tableWith(up: boolean, how: Hold['how'] | null, weight: number | null, text = web): string[] {
  const config = configOf(text);
  const [real] = config.virtuals[0]?.realServers ?? [];
  assert.ok(real);
  const held = new Map(
    how === null ? [] : [[real, { by: 'hand' as const, how, reason: 'a test', note: null, ...unknownOrigin }]],
  );
  const weights = new Map(weight === null ? [] : [[real, { weight, until: null, ...unknownOrigin }]]);
  return render(wantedOf(config, { isUp: (some) => up && some === real, inForce: { held, weights } }));
}

test('a drain keeps a server at weight 0 whatever its checks say, or while they pass, and the fallback stands in', () => {
  const drained = ['tcp 192.0.2.1:80', '  10.0.0.1:8080 masq 0', '  127.0.0.1:8081 masq 1'];
  const gone = ['tcp 192.0.2.1:80', '  127.0.0.1:8081 masq 1'];
  assert.deepEqual(tableWith(true, 'drain', null), drained);
  assert.deepEqual(tableWith(false, 'drain', null), drained);
  assert.deepEqual(tableWith(false, 'drain', 7), drained);
  assert.deepEqual(tableWith(true, 'drain-while-up', null), drained);
  assert.deepEqual(tableWith(false, 'drain-while-up', null), gone);
  assert.deepEqual(tableWith(true, 'down', null), gone);
});

test('weight 0 by hand is out of use, and the fallback stands in; one more than 0 in the place of 0 is in use', () => {
  assert.deepEqual(tableWith(true, null, 0), ['tcp 192.0.2.1:80', '  10.0.0.1:8080 masq 0', '  127.0.0.1:8081 masq 1']);
  assert.deepEqual(tableWith(false, null, 0), ['tcp 192.0.2.1:80', '  127.0.0.1:8081 masq 1']);
  assert.deepEqual(tableWith(true, null, 5, web.replace('masq 3', 'masq 0')), [
    'tcp 192.0.2.1:80',
    '  10.0.0.1:8080 masq 5',
  ]);
});

test('every server that the file names is named as the log has it, mapped ports told', () => {
  const [entry] = wantedOf(
    configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:81 gate\n\tfallback=127.0.0.1\n'),
    () => true,
  ).values();
  assert.deepEqual(
    [...(entry?.named ?? [])],
    [
      ['10.0.0.1:80', { role: 'real', server: '10.0.0.1:81', name: '10.0.0.1:80 mapped from 10.0.0.1:81' }],
      ['127.0.0.1:80', { role: 'fallback' }],
    ],
  );
});

test('settings of the service come from the virtual', () => {
  const text = `virtual=192.0.2.1:53
	real=10.0.0.1:53 gate
	scheduler=sh
	schedflags=sh-port,sh-fallback
	persistent=600
	netmask=255.255.255.0
	protocol=udp
	ops=yes
`;
  const [entry] = wantedOf(configOf(text), () => true).values();
  const { scheduler, schedflags, persistent, netmask, ops, protocol } = entry?.service ?? assert.fail();
  assert.deepEqual([scheduler, persistent, netmask, ops, protocol], ['sh', 600, 24, true, 'udp']);
  assert.deepEqual([...schedflags].sort(), ['sh-fallback', 'sh-port']);
});

test('a mask with ones behind zeros is the kernel’s to judge', () => {
  const netmaskOf = (written: string): unknown => {
    const text = `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tpersistent=60\n\tnetmask=${written}\n`;
    const [entry] = wantedOf(configOf(text), () => true).values();
    const { netmask, oddMask } = entry?.service ?? assert.fail();
    return [netmask, oddMask];
  };
  assert.deepEqual(netmaskOf('255.0.255.0'), [8, '255.0.255.0']);
  assert.deepEqual(netmaskOf('0.0.0.0'), [0, undefined]);
  assert.deepEqual(netmaskOf('255.255.240.0'), [20, undefined]);
});

test('what is remembered of the last question never changes the answer, and unchanged virtuals stay what they were', () => {
  const config = configOf(
    `${web}${web.replace('192.0.2.1', '192.0.2.2')}\tquiescent=yes\n${web.replace('.2.1', '.2.3')}`,
  );
  const reals = config.virtuals.flatMap(({ realServers }) => realServers);
  const standing = fc.record({
    up: fc.boolean(),
    how: fc.constantFrom(null, 'down', 'drain', 'drain-while-up'),
    weight: fc.constantFrom(null, 0, 7),
  });
  const question = fc.array(standing, { minLength: reals.length, maxLength: reals.length });
  fc.assert(
    fc.property(fc.array(question, { minLength: 2, maxLength: 6 }), (questions) => {
      const memory = new WeakMap();
      for (const standings of questions) {
        const isUp = (real: RealServer): boolean => standings[reals.indexOf(real)]?.up ?? false;
        const held = new Map<RealServer, Hold>();
        const weights = new Map<RealServer, WeightOverride>();
        for (const [index, { how, weight }] of standings.entries()) {
          const real = reals[index];
          if (real && how !== null) held.set(real, { by: 'hand', how, reason: 'a test', note: null, ...unknownOrigin });
          if (real && weight !== null) weights.set(real, { weight, until: null, ...unknownOrigin });
        }
        const said = { isUp, inForce: { held, weights } };
        const first = wantedOf(config, said, memory);
        assert.deepEqual(first, wantedOf(config, said));
        const second = wantedOf(config, said, memory);
        for (const [key, entry] of first) assert.equal(second.get(key), entry);
      }
    }),
    { numRuns: 50 },
  );
});
