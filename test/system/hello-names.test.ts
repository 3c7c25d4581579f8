import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { helloNames } from '../../src/system/hello-names.js';

const localhost = 'localhost.localdomain';

describe('names to greet a mail server with', () => {
  for (const name of ['lb1.example.com', 'a.b', 'LB-1.example.xn--p1ai', '1.2.example', `${'x'.repeat(63)}.example`]) {
    it(`${name.slice(0, 20)} itself`, () => {
      assert.deepEqual(helloNames(name, '192.0.2.1'), [name, '[192.0.2.1]', localhost]);
    });
  }

  const unfit = ['', 'vm', 'lb_1', 'lb_1.example.com', '-a.example', 'a-.example', 'a..b', 'a.b.', '.a.b', 'a.b c'];
  const worse = ['192.0.2.7', 'büro.example', 'a.b\r\nDATA', `${'x'.repeat(64)}.example`];
  for (const name of [...unfit, ...worse]) {
    it(`the address instead of ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.deepEqual(helloNames(name, '192.0.2.1'), ['[192.0.2.1]', localhost]);
    });
  }

  it('an address of IPv6 by its name, and without its zone', () => {
    assert.deepEqual(helloNames('vm', '2001:db8::1'), ['[IPv6:2001:db8::1]', localhost]);
    assert.deepEqual(helloNames('vm', 'fe80::1%eth0'), ['[IPv6:fe80::1]', localhost]);
  });

  it('no address where there is none any more', () => {
    assert.deepEqual(helloNames('vm', ''), [localhost]);
  });
});
