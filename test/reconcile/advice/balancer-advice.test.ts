import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnBalancer } from '../../../src/reconcile/advice/balancer-advice.js';
import { atOnce } from '../../../src/slices.js';
import { configOf } from '../../helpers/configuration.js';

/** What is said about which lines, on a machine that has 10.0.0.1 and the loopback network. */
function said(text: string): string[] {
  const isLocal = (address: string): boolean => address === '10.0.0.1' || address.startsWith('127.');
  return atOnce(adviseOnBalancer(configOf(text), isLocal)).map(({ span, code, message }) => {
    return `${span.line} ${code}: ${message}`;
  });
}

test('a service that ends at itself is an error at the line of the server, or of the service for its fallback', () => {
  const everywhere = 'virtual=0.0.0.0:80\n\treal=10.0.0.1:80 masq\n\treal=10.0.0.2:80 masq\n\tfallback=127.0.0.1:80\n';
  assert.deepEqual(said(everywhere), [
    '2 loop: 10.0.0.1:80 is the service itself, which would forward to itself for ever',
    '1 loop: 127.0.0.1:80 is the service itself, which would forward to itself for ever',
  ]);
  // What is not masqueraded keeps its port, so that this is the same.
  assert.equal(said('virtual=0.0.0.0:80\n\treal=10.0.0.2:80 masq\n\tfallback=127.0.0.1:8080 gate\n').length, 1);
  assert.equal(said('virtual=0.0.0.0:80\n\treal=10.0.0.2:80 masq\n\tfallback=127.0.0.1:8080 masq\n').length, 0);
});

test('services that lead to each other are errors, those that lead on are none', () => {
  const first = 'virtual=10.0.0.1:80\n\treal=127.0.0.1:81 masq\n';
  const second = 'virtual=127.0.0.1:81\n\treal=127.0.0.1:82 masq\n';
  assert.deepEqual(said(first + second), []);
  assert.deepEqual(said(`${first}virtual=127.0.0.1:81\n\treal=10.0.0.2:80 masq\n\treal=10.0.0.1:80 masq\n`), [
    '2 loop: 127.0.0.1:81 leads back to the service itself, through tcp 127.0.0.1:81',
    '5 loop: 10.0.0.1:80 leads back to the service itself, through tcp 10.0.0.1:80',
  ]);
  const udp = 'virtual=0.0.0.0:53\n\tprotocol=udp\n\treal=10.0.0.1:53 masq\n';
  assert.equal(said(udp).length, 1);
  assert.equal(said(`${udp}virtual=10.0.0.1:53\n\tprotocol=tcp\n\treal=10.0.0.2:53 masq\n`).length, 1);
});

test('an address that is not on this machine is said; names and firewall marks are not judged', () => {
  const elsewhere = 'virtual=192.0.2.1:80\n\treal=10.0.0.2:80 masq\n';
  const [only, ...others] = said(
    `${elsewhere}virtual=7\n\treal=10.0.0.2:80 masq\nvirtual=web.example.com:80\n\treal=10.0.0.2:80 masq\n`,
  );
  assert.match(
    only ?? '',
    /^1 address-not-here: 192\.0\.2\.1 is not on this machine.*`ip address add 192\.0\.2\.1\/32 dev lo`$/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(said(`vip = eth0\n${elsewhere}`), [], 'it is put there');
});
