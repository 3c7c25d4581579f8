/** What a machine apart lacks: one need of each kind but a module. */

import type { Need } from '../../../src/path/need.js';

export const needs: readonly Need[] = [
  { kind: 'sysctl', key: 'net.ipv4.conf.all.arp_ignore', value: '1', also: [], beside: [] },
  { kind: 'sysctl', key: 'net.ipv4.conf.all.arp_announce', value: '2', also: [], beside: [] },
  { kind: 'sysctl', key: 'net.ipv4.ip_local_port_range', value: '20000 65000', also: [], beside: [] },
  { kind: 'link', name: 't0', module: null },
  { kind: 'address', family: 'inet', address: '203.0.113.10', prefix: 32, device: 'lo' },
  { kind: 'address', family: 'inet6', address: '2001:db8::10', prefix: 128, device: 'lo' },
  { kind: 'address', family: 'inet', address: '203.0.113.11', prefix: 32, device: 't0' },
  {
    kind: 'answers',
    family: 'inet',
    from: '10.9.0.1',
    protocol: 'tcp',
    ports: { from: 80, to: 90 },
    gateway: '10.9.0.254',
  },
  {
    kind: 'answers',
    family: 'inet',
    from: '10.9.0.1',
    protocol: 'udp',
    ports: { from: 53, to: 53 },
    gateway: '10.9.0.254',
  },
];
