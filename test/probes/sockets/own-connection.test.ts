/** A socket can be connected to itself: what comes of checks then, in a network where the kernel has one port to choose. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { checkOf, receive } from '../../helpers/check.js';
import { addLoopbackAddress, ownNetwork, setNetwork } from '../../helpers/own-network.js';
import { verdict } from '../../helpers/verdict.js';

const port = 40080;
const skip = ownNetwork();
if (skip === false) setNetwork('ipv4/ip_local_port_range', `${port} ${port}`);

describe('a server that does not run, at a port that the kernel can choose', { skip }, () => {
  const kinds: Readonly<Record<string, Partial<Check>>> = {
    connect: { type: 'connect' },
    http: {},
    'a dialogue that gets its own words back': { service: 'simpletcp', request: 'ok', receive: receive('ok') },
  };
  for (const address of ['127.0.0.1', '::1']) {
    for (const [name, changes] of Object.entries(kinds)) {
      it(`is down: ${name}, ${address}`, async () => {
        if (address === '::1') await addLoopbackAddress(address);
        const family = address === '::1' ? 'inet6' : 'inet';
        const [ok, reason] = await verdict(checkOf({ ...changes, family, address, port }));
        await releaseKept();
        assert.equal(reason, 'connect: nobody listens: the connection leads from the port to itself');
        assert.equal(ok, false);
      });
    }
  }
});
