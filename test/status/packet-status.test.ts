import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRules } from '../../src/path/packets/rules.js';
import { packetCountsOf } from '../../src/status/packet-status.js';
import { virtualOf } from '../helpers/configuration.js';

const count = { packets: 3, bytes: 180 };

test('a virtual has the counts of its own mark and its own masquerading', () => {
  const marked = virtualOf('virtual=192.0.2.1\n\tports=80,443\n\treal=10.0.0.1 masq\n\tsnat=yes\n');
  const { endpoint } = marked;
  assert.equal(endpoint.protocol, 'fwm');
  const mark = endpoint.protocol === 'fwm' ? endpoint.mark : 0;
  const state = { table: 'ldirectord', rules: noRules, fault: null };
  const counts = new Map([
    [`mark_inet_${mark}`, count],
    ['snat_tcp_192.0.2.2_80', count],
  ]);
  assert.deepEqual(packetCountsOf(marked, { ...state, counts }), { marked: count, masqueraded: null });
  const natted = virtualOf('virtual=192.0.2.2:80\n\treal=10.0.0.1:80 masq\n\tsnat=yes\n');
  assert.deepEqual(packetCountsOf(natted, { ...state, counts }), { marked: null, masqueraded: count });
  assert.equal(packetCountsOf(natted, null), null);
  assert.equal(packetCountsOf(virtualOf('virtual=7\n\treal=10.0.0.1:80 masq\n'), { ...state, counts }), null);
});
