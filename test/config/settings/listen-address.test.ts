import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, listenAddressText, parseListenAddress } from '../../../src/config/settings/listen-address.js';

const understood: readonly (readonly [text: string, shown: string, loopback: boolean])[] = [
  ['9102', '127.0.0.1:9102', true],
  ['localhost:9102', '127.0.0.1:9102', true],
  ['127.0.0.2:80', '127.0.0.2:80', true],
  ['0.0.0.0:9102', '0.0.0.0:9102', false],
  ['192.0.2.1:1', '192.0.2.1:1', false],
  ['[::1]:9102', '[::1]:9102', true],
  ['[2001:db8::1]:65535', '[2001:db8::1]:65535', false],
  ['/run/web.sock', '/run/web.sock', false],
];

for (const [text, shown, loopback] of understood) {
  test(`understands ${text}`, () => {
    const address = parseListenAddress(text) ?? assert.fail();
    assert.equal(listenAddressText(address), shown);
    assert.equal(isLoopback(address), loopback);
    assert.deepEqual(parseListenAddress(shown), address);
  });
}

test('anything else is turned down', () => {
  const wrong = ['', '0', '65536', ':80', '::1:80', '[127.0.0.1]:80', 'example.com:80', '1.2.3:80', 'run/web.sock'];
  for (const text of [...wrong, `/${'a'.repeat(107)}`]) assert.equal(parseListenAddress(text), null, text);
});
