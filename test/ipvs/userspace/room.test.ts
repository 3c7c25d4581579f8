import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../../src/ipvs/backend.js';
import type { Service } from '../../../src/ipvs/table.js';
import { roomFor } from '../../../src/ipvs/userspace/room.js';

/** `tcp 192.0.2.1 80`. */
function serviceOf(text: string): Service {
  const [protocol, address = '', port] = text.split(' ');
  return {
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    family: address.includes(':') ? 'inet6' : 'inet',
    ...{ address, port: Number(port), scheduler: 'rr', schedflags: [], persistent: 0, netmask: 32, ops: false },
  };
}

test('who leaves in the same batch makes room where both would listen to one address', () => {
  const leaving = ['tcp 192.0.2.1 80', 'tcp 192.0.2.2 80', 'udp 192.0.2.1 80', 'tcp 0.0.0.0 81', 'tcp :: 80'];
  const operations: Operation[] = leaving.map((text) => ({ type: 'delete-service', service: serviceOf(text) }));
  const room = roomFor([...operations, { type: 'add-service', service: serviceOf('tcp 192.0.2.3 80') }]);
  const found = (text: string) => room(serviceOf(text));
  assert.deepEqual(found('tcp 192.0.2.1 80'), ['tcp 192.0.2.1:80']);
  assert.deepEqual(found('tcp 0.0.0.0 80'), ['tcp 192.0.2.1:80', 'tcp 192.0.2.2:80']);
  assert.deepEqual(found('tcp 192.0.2.1 81'), ['tcp 0.0.0.0:81']);
  assert.deepEqual(found('tcp 2001:db8::1 80'), ['tcp [::]:80']);
  for (const free of ['tcp 192.0.2.3 80', 'udp 192.0.2.2 80', 'tcp 192.0.2.1 82', 'udp :: 80']) {
    assert.deepEqual(found(free), [], free);
  }
});
