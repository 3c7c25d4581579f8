import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CheckType, checkTypes, serviceNames } from '../../src/config/model.js';
import { probeConnect } from '../../src/probes/connect.js';
import { probeExternal } from '../../src/probes/external.js';
import { probeHttp } from '../../src/probes/http.js';
import { probeFor, unbuilt } from '../../src/probes/index.js';
import { probePing } from '../../src/probes/ping.js';
import { checkOf } from '../helpers/check.js';

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
    assert.equal(probeFor(checkOf({ type: 'external' }), 'negotiate'), probeExternal);
  });

  it('has a probe for everything that is not named as unbuilt', () => {
    for (const type of checkTypes.filter((name) => name !== 'on' && name !== 'off')) {
      for (const service of serviceNames) {
        const check = checkOf({ type, service });
        assert.equal(probeFor(check, 'negotiate') === undefined, unbuilt(type, service) !== null, `${type} ${service}`);
      }
    }
  });
});

describe('unbuilt', () => {
  const table: readonly (readonly [CheckType, (typeof serviceNames)[number], string | null])[] = [
    ['negotiate', 'http', null],
    ['negotiate', 'none', null],
    ['negotiate', 'nntp', 'service=nntp'],
    ['combined', 'nntp', 'service=nntp'],
    ['connect', 'dns', null],
    ['on', 'dns', null],
    ['off', 'dns', null],
    ['external', 'dns', null],
    ['external-perl', 'http', null],
  ];
  for (const [type, service, missing] of table) {
    it(`${type} ${service}: ${missing ?? 'built'}`, () => assert.equal(unbuilt(type, service), missing));
  }
});
