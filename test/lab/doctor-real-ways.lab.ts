/** The doctor’s round, where servers have tunnels or a way back to care for: each fault is found by its code. */

import { test } from 'node:test';
import { ip } from './inside/command.js';
import { directorAddress } from './inside/networks.js';
import { byIp, byListener, bySysctl, inject, misplaced, quiet, setUp, vip, wide } from './inside/real-faults.js';

test('tunnels', async (t) => {
  await inject(await setUp(t, 'tun'), [
    byIp('service-address-missing', `addr del ${vip} dev tunl0`, `addr add ${vip} dev tunl0`),
    misplaced('tunl0', `${wide} dev tunl0`, 'service-address-wide'),
    byIp('tunnel-down', 'link set tunl0 down', 'link set tunl0 up'),
    bySysctl('tunnel-rp-filter', 'net.ipv4.conf.tunl0.rp_filter=1', 'net.ipv4.conf.tunl0.rp_filter=0'),
    bySysctl('tunnel-rp-filter', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.all.rp_filter=0'),
    ...quiet,
  ]);
});

test('network address translation', async (t) => {
  await inject(await setUp(t, 'nat'), [
    byIp('answers-elsewhere', 'route replace default via 192.168.1.8', `route replace default via ${directorAddress}`),
    byIp('answers-elsewhere', 'route del default', `route add default via ${directorAddress}`),
    byListener('not-listening', null),
    byListener('listens-to-itself', '127.0.0.1'),
  ]);
});

test('snat: servers whose gateway is another one are well', async (t) => {
  const lab = await setUp(t, 'nat', 'snat=yes');
  for (const name of ['rs1', 'rs2']) await ip('route replace default via 192.168.1.250\n', name);
  await inject(lab, [byListener('not-listening', null)]);
});
