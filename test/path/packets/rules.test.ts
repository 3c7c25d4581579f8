import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Virtual } from '../../../src/model/config.js';
import { mergePorts } from '../../../src/model/port-ranges.js';
import { layoutOf, rulesIn } from '../../../src/path/packets/layout.js';
import { isNone, isSame, packetRules, rulesOf } from '../../../src/path/packets/rules.js';
import { scriptOf } from '../../../src/path/packets/script.js';
import { fallback, host, literal, realServer, virtual } from '../../helpers/configuration.js';
import { carrying } from './values.js';

const masq = (address: string) => realServer(literal(address), { forward: 'masq' });

function asked(...virtuals: Virtual[]) {
  return packetRules({ virtuals });
}

test('a configuration without ports and snat asks for nothing', () => {
  const rules = asked(
    virtual({ realServers: [masq('10.0.0.1')] }),
    virtual({ endpoint: { protocol: 'fwm', mark: 5 } }),
  );
  assert.ok(isNone(rules));
  assert.equal(rules.whole, true);
  assert.equal(layoutOf(rules), null);
});

test('ports: a rule for each transport, with the mark of the virtual', () => {
  const { marks, snats } = asked(
    carrying({
      mark: 7,
      ports: [
        [443, 443],
        [80, 80],
      ],
      transports: ['tcp', 'udp'],
    }),
  );
  assert.equal(snats.size, 0);
  const ports = [
    { from: 80, to: 80 },
    { from: 443, to: 443 },
  ];
  const rule = { family: 'inet', address: '192.0.2.1', ports, mark: 7 };
  assert.deepEqual(
    [...marks.values()],
    [
      { ...rule, transport: 'tcp' },
      { ...rule, transport: 'udp' },
    ],
  );
});

test('snat: of the servers that are masqueraded, by the way as the virtual is known', () => {
  const servers = {
    realServers: [masq('10.0.0.2'), realServer(literal('10.0.0.3'), { forward: 'gate' }), masq('10.0.0.1')],
    fallbacks: [fallback(literal('10.0.0.9'), { forward: 'masq' })],
    snat: true,
  };
  const { snats } = asked(
    virtual(servers),
    virtual({ ...servers, endpoint: { protocol: 'udp', host: literal('192.0.2.2'), port: 0 } }),
    virtual({ ...servers, endpoint: { protocol: 'fwm', mark: 9 } }),
  );
  const own = ['10.0.0.1', '10.0.0.2', '10.0.0.9'];
  assert.deepEqual(
    new Set(snats.values()),
    new Set([
      { family: 'inet', of: { mark: 9 }, servers: own },
      { family: 'inet', of: { transport: 'tcp', address: '192.0.2.1', port: 80 }, servers: own },
      { family: 'inet', of: { transport: 'udp', address: '192.0.2.2', port: 0 }, servers: own },
    ]),
  );
});

test('who has no address yet has no rule, and says so', () => {
  const nobody = asked(carrying({ mark: 7, host: host('shop.example.com') }));
  assert.ok(isNone(nobody));
  assert.equal(nobody.whole, false);
  const hidden = asked(
    virtual({ ...{ snat: true }, endpoint: { protocol: 'tcp', host: host('shop.example.com'), port: 80 } }),
  );
  assert.equal(hidden.whole, false);
  // A server without an address is looked for, and gets its place then.
  const one = asked(virtual({ ...{ snat: true }, realServers: [realServer(host('web1'), { forward: 'masq' })] }));
  assert.ok(isNone(one));
});

test('what overlaps or touches is one range', () => {
  const merged = mergePorts([
    { from: 8000, to: 8100 },
    { from: 80, to: 80 },
    { from: 8050, to: 8200 },
    { from: 81, to: 81 },
  ]);
  assert.deepEqual(merged, [
    { from: 80, to: 81 },
    { from: 8000, to: 8200 },
  ]);
});

test('the order of the file makes no difference, and virtuals of one mark are one', () => {
  const [a, b] = [carrying({ mark: 7, ports: [[80, 80]] }), carrying({ mark: 7, ports: [[443, 443]] })];
  assert.ok(isSame(asked(a, b), asked(b, a)));
  assert.equal(asked(a, b).marks.size, 1);
  assert.ok(!isSame(asked(a), asked(a, b)));
});

test('rules are found again in their layout, and in no other', () => {
  const rules = rulesOf(
    [
      { family: 'inet', address: '192.0.2.1', transport: 'tcp', ports: [{ from: 80, to: 80 }], mark: 7 },
      { family: 'inet6', address: '2001:db8::1', transport: 'udp', ports: [{ from: 1, to: 65535 }], mark: 8 },
    ],
    [{ family: 'inet', of: { mark: 7 }, servers: ['10.0.0.1'] }],
  );
  const layout = layoutOf(rules);
  assert.ok(layout);
  assert.ok(isSame(rulesIn(layout) ?? asked(), rules));
  for (const index of layout.chains.keys()) {
    assert.equal(rulesIn({ ...layout, chains: layout.chains.toSpliced(index, 1) }), null);
  }
  assert.equal(rulesIn({ ...layout, counters: [] }), null);
  assert.equal(rulesIn({ ...layout, chains: layout.chains.map((chain) => ({ ...chain, rules: [] })) }), null);
});

test('one script takes away what stands and puts the new table there, with its counts', () => {
  const rules = asked(
    carrying({
      mark: 7,
      ports: [
        [80, 80],
        [8000, 8100],
      ],
    }),
  );
  assert.equal(
    scriptOf('ldirectord', rules, new Map([['mark_inet_7', { packets: 3, bytes: 180 }]])),
    `add table inet ldirectord
delete table inet ldirectord
table inet ldirectord {
counter mark_inet_7 { packets 3 bytes 180 }
chain to_192.0.2.1 {
tcp dport { 80, 8000-8100 } meta mark != 7 counter name mark_inet_7 meta mark set 7
}
chain output {
type filter hook output priority -150; policy accept;
ip daddr vmap { 192.0.2.1 : jump to_192.0.2.1 }
}
chain prerouting {
type filter hook prerouting priority -150; policy accept;
ip daddr vmap { 192.0.2.1 : jump to_192.0.2.1 }
}
}
`,
  );
  assert.equal(scriptOf('ldirectord', asked(), new Map()), 'add table inet ldirectord\ndelete table inet ldirectord\n');
});
