import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probeConnect } from '../../src/probes/connect.js';
import { probeFor } from '../../src/probes/index.js';
import { checkOf } from '../helpers/check.js';

const probeHttp = probeFor(checkOf({ type: 'negotiate', service: 'http' }), 'negotiate');
const probePing = probeFor(checkOf({ type: 'ping' }), 'connect');

describe('probeFor', () => {
  it('connects, or pings where there is no connection', () => {
    assert.equal(probeFor(checkOf({ type: 'connect' }), 'connect'), probeConnect);
    assert.equal(probeFor(checkOf({ type: 'connect', protocol: 'fwm' }), 'connect'), probeConnect);
    assert.equal(probeFor(checkOf({ type: 'connect', protocol: 'udp' }), 'connect'), probePing);
    assert.equal(probeFor(checkOf({ type: 'combined', protocol: 'udp' }), 'connect'), probePing);
  });

  it('goes by the stage in a combined check alone', () => {
    assert.equal(probeFor(checkOf({ type: 'combined' }), 'connect'), probeConnect);
    assert.equal(probeFor(checkOf({ type: 'combined' }), 'negotiate'), probeHttp);
    assert.equal(probeFor(checkOf({ type: 'negotiate' }), 'connect'), probeHttp);
    assert.equal(probeFor(checkOf({ type: 'connect' }), 'negotiate'), probeConnect);
    assert.equal(probeFor(checkOf({ type: 'ping' }), 'negotiate'), probePing);
    assert.equal(new Set([probeConnect, probeHttp, probePing]).size, 3);
  });
});
