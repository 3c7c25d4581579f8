import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endpointText } from '../../src/ipvs/table.js';
import { sortDestinations, sortServices } from '../../src/ipvsadm/order.js';

function endpoints(text: string) {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [, address = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(word) ?? [];
      return { address, port: Number(port) };
    });
}

/** What ipvsadm printed of one table without sorting and with it: differences of addresses wrap at 32 bits. */
const unsorted = `[2001:db8::ffff:ffff]:80 [2001:db8::8000:1]:80 [2001:db8:8000::1]:80 [7fff::1]:80 [8000::1]:80 [2001:db8::1]:80
  [fc00::1]:80 [1::1]:80 [::2]:80 100.0.0.1:80 100.0.0.1:40000 100.0.0.1:0 192.168.0.1:80 192.168.0.1:40000
  192.168.0.1:0 128.0.0.1:80 128.0.0.1:40000 128.0.0.1:0 127.0.0.1:80 127.0.0.1:40000 127.0.0.1:0 200.0.0.1:80
  200.0.0.1:40000 200.0.0.1:0 10.0.0.1:80 10.0.0.1:40000 10.0.0.1:0 1.0.0.1:80 1.0.0.1:40000 1.0.0.1:0 223.0.0.1:80
  223.0.0.1:40000 223.0.0.1:0`;
const inOrder = `127.0.0.1:0 127.0.0.1:80 127.0.0.1:40000 128.0.0.1:0 128.0.0.1:80 128.0.0.1:40000 192.168.0.1:0
  192.168.0.1:80 192.168.0.1:40000 200.0.0.1:0 200.0.0.1:80 200.0.0.1:40000 223.0.0.1:0 223.0.0.1:80 223.0.0.1:40000
  [fc00::1]:80 [::2]:80 [1::1]:80 1.0.0.1:0 1.0.0.1:80 1.0.0.1:40000 10.0.0.1:0 10.0.0.1:80 10.0.0.1:40000
  [2001:db8::8000:1]:80 [2001:db8::ffff:ffff]:80 [2001:db8:8000::1]:80 [2001:db8::1]:80 100.0.0.1:0 100.0.0.1:80
  100.0.0.1:40000 [7fff::1]:80 [8000::1]:80`;

test('destinations come in ipvsadm’s order, which wraps', () => {
  const text = (list: ReturnType<typeof endpoints>) => list.map(({ address, port }) => endpointText(address, port));
  assert.deepEqual(text(sortDestinations(endpoints(unsorted))), text(endpoints(inOrder)));
});

test('services come by mark, family, protocol, address and port', () => {
  const tcp = { protocol: 'tcp', family: 'inet', address: '10.0.0.1', port: 80 } as const;
  const services = [
    { protocol: 'fwm', family: 'inet', mark: 4_294_967_295 },
    { protocol: 'fwm', family: 'inet6', mark: 4_294_967_295 },
    { ...tcp, port: 53 },
    tcp,
    { ...tcp, address: '10.0.0.2', port: 1 },
    { ...tcp, protocol: 'udp', address: '1.0.0.1' },
    { ...tcp, protocol: 'sctp' },
    { ...tcp, family: 'inet6', address: '::1' },
    { protocol: 'fwm', family: 'inet', mark: 1 },
    { protocol: 'fwm', family: 'inet6', mark: 1 },
    { protocol: 'fwm', family: 'inet', mark: 2 },
  ] as const;
  const entries = services.map((service) => ({ service }));
  assert.deepEqual(sortServices(entries.toReversed()), entries);
});

test('none is lost and none made up, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.ipV4(), fc.nat(65_535))), (pairs) => {
      const all = pairs.map(([address, port]) => ({ address, port }));
      assert.deepEqual(new Set(sortDestinations(all)), new Set(all));
      assert.equal(sortDestinations(all).length, all.length);
    }),
  );
});
