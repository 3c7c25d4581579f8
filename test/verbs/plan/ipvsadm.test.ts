import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../../src/ipvs/backend.js';
import type { Destination, Service } from '../../../src/ipvs/table.js';
import { ipvsadmCommand } from '../../../src/verbs/plan/ipvsadm.js';

const settings = { scheduler: 'wlc', schedflags: [], persistent: 0, netmask: 32, ops: false };
const web: Service = { protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 80, ...settings };
const six: Service = {
  protocol: 'udp',
  family: 'inet6',
  address: '2001:db8::1',
  port: 53,
  ...settings,
  persistent: 60,
  netmask: 64,
  ops: true,
};
const mark: Service = { protocol: 'fwm', family: 'inet6', mark: 7, ...settings, netmask: 128 };
const destination: Destination = {
  address: '10.0.0.1',
  port: 80,
  forward: 'masq',
  weight: 3,
  upperThreshold: 0,
  lowerThreshold: 0,
};

const cases: readonly (readonly [Operation, string])[] = [
  [{ type: 'add-service', service: web }, 'ipvsadm -A -t 192.0.2.1:80 -s wlc'],
  [{ type: 'edit-service', service: six }, 'ipvsadm -E -u [2001:db8::1]:53 -s wlc -p 60 -M 64 -o'],
  [{ type: 'delete-service', service: mark }, 'ipvsadm -D -f 7 -6'],
  [
    { type: 'add-service', service: { ...web, persistent: 300, netmask: 24, schedflags: ['sh-fallback', 'sh-port'] } },
    'ipvsadm -A -t 192.0.2.1:80 -s wlc -b sh-fallback,sh-port -p 300 -M 255.255.255.0',
  ],
  [{ type: 'add-destination', service: web, destination }, 'ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 3'],
  [
    {
      type: 'edit-destination',
      service: mark,
      destination: { ...destination, address: '2001:db8::5', forward: 'gate', upperThreshold: 9, lowerThreshold: 5 },
    },
    'ipvsadm -e -f 7 -6 -r [2001:db8::5]:80 -g -w 3 -x 9 -y 5',
  ],
  [{ type: 'delete-destination', service: web, destination }, 'ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80'],
];

for (const [operation, command] of cases) {
  test(command, () => assert.equal(ipvsadmCommand(operation), command));
}
