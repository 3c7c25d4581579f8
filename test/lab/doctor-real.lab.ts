/** The doctor’s round, where servers have the address of the service on lo: each fault is found by its code. */

import { test } from 'node:test';
import { byHand } from './inside/by-hand.js';
import { directorAddress, virtualAddress } from './inside/networks.js';
import { nfTablesMissing } from './inside/nf-tables.js';
import {
  agentPort,
  byFirewall,
  byIp,
  byListener,
  inject,
  misplaced,
  noAgent,
  noSsh,
  otherKey,
  quiet,
  rs1,
  setUp,
  vip,
  wide,
} from './inside/real-faults.js';

test('direct routing', async (t) => {
  await inject(await setUp(t, 'dr'), [
    byIp('service-address-missing', `addr del ${vip} dev lo`, `addr add ${vip} dev lo`),
    misplaced('lo', `${vip} dev eth0`, 'service-address-heard'),
    misplaced('lo', `${wide} dev lo`, 'service-address-wide'),
    ...quiet,
    byListener('not-listening', null),
    byListener('listens-elsewhere', rs1),
    byListener('listens-to-itself', '127.0.0.1'),
    byListener('check-port-closed', virtualAddress),
    byIp('mtu-differs', 'link set eth0 mtu 1400', 'link set eth0 mtu 1500'),
    noAgent,
    noSsh,
    otherKey,
  ]);
});

test('a firewall that drops what comes from the director', { skip: byHand || nfTablesMissing() }, async (t) => {
  await inject(await setUp(t, 'dr'), [
    byFirewall('accept', `ip saddr ${directorAddress} tcp dport 80 drop`),
    byFirewall('drop', `tcp dport { 22, ${agentPort} } accept`),
  ]);
});
