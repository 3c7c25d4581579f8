import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Check } from '../../../src/probes/probe.js';
import { firstHop, redirected } from '../../../src/probes/wire/hop.js';
import { checkOf, direct, tlsOf } from '../../helpers/check.js';

function first(changes: Partial<Check>) {
  return firstHop(checkOf({ address: '192.0.2.1', port: 8080, ...changes }));
}

describe('firstHop', () => {
  const plain: readonly (readonly [name: string, request: string, path: string])[] = [
    ['a path as it is', '/a/b?c=d&e', '/a/b?c=d&e'],
    ['a path without its slash', 'a', '/a'],
    ['nothing', '', '/'],
    ['dots stay', '/a/./b/../c//d', '/a/./b/../c//d'],
    ['what is escaped stays', '/%e9%20', '/%e9%20'],
    ['blanks and the like are escaped', '/a b"<c>|{}^`\\', '/a%20b%22%3Cc%3E%7C%7B%7D%5E%60%5C'],
    ['other letters go as UTF-8', '/é€😀', '/%C3%A9%E2%82%AC%F0%9F%98%80'],
    ['a fragment is no part of a request', '/a#b', '/a%23b'],
    ['an address of another scheme is a path', '/https://a/b', '/https://a/b'],
  ];
  for (const [name, request, path] of plain) {
    it(name, () => {
      const { target, ...rest } = first({ request });
      const { address, port, route, tls } = target;
      assert.deepEqual([address, port, route, tls], ['192.0.2.1', 8080, direct, null]);
      assert.deepEqual(rest, { origin: 'http://192.0.2.1', host: '192.0.2.1', path });
    });
  }

  it('makes every request fit for the wire', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (request) => {
        assert.match(first({ request: `/${request}` }).path, /^\/[!-~]*$/);
      }),
    );
  });

  it('names the virtual host, in SNI too where it is a name', () => {
    const sni = (changes: Partial<Check>) => first({ service: 'https', ...changes });
    assert.deepEqual(sni({ virtualhost: 'www.example.com' }), {
      target: { address: '192.0.2.1', port: 8080, route: direct, tls: tlsOf({ servername: 'www.example.com' }) },
      origin: 'https://www.example.com',
      host: 'www.example.com',
      path: '/',
    });
    assert.equal(sni({ virtualhost: 'www.example.com:444' }).target.tls?.servername, 'www.example.com');
    assert.equal(sni({ virtualhost: '198.51.100.1' }).target.tls?.servername, null);
    assert.equal(sni({}).target.tls?.servername, null);
    assert.equal(sni({ address: '2001:db8::1' }).target.tls?.servername, null);
    assert.equal(sni({ address: '2001:db8::1' }).host, '[2001:db8::1]');
  });

  it('takes port, path and a literal address from an absolute request', () => {
    const own = { origin: 'http://192.0.2.1', host: '192.0.2.1' };
    assert.deepEqual(first({ request: '/http://web1:81/a/../b' }), {
      ...own,
      target: { address: '192.0.2.1', port: 81, route: direct, tls: null },
      path: '/a/../b',
    });
    assert.deepEqual(first({ request: 'http://198.51.100.7?x' }), {
      ...own,
      target: { address: '198.51.100.7', port: 80, route: direct, tls: null },
      path: '/?x',
    });
    assert.equal(first({ request: 'http://[2001:db8::7]/' }).target.address, '2001:db8::7');
    assert.throws(
      () => first({ request: 'http://a b/' }),
      /^ProbeFailure: request: "http:\/\/a b\/" is not an address/,
    );
  });

  it('asks a proxy for an absolute address, and calls that by its own name', () => {
    const proxied = (request: string) => first({ service: 'http_proxy', virtualhost: 'ignored.example', request });
    assert.deepEqual(proxied('/http://www.example.com:81/a b'), {
      target: { address: '192.0.2.1', port: 8080, route: direct, tls: null },
      origin: 'http://www.example.com:81',
      host: 'www.example.com:81',
      path: 'http://www.example.com:81/a%20b',
    });
    for (const request of ['/a', '/https://www.example.com/', 'http://']) {
      assert.throws(() => proxied(request), /is not an absolute http address/, request);
    }
  });
});

describe('redirected', () => {
  const table: readonly (readonly [
    name: string,
    check: Partial<Check>,
    location: string,
    address: string | null,
    host?: string,
    path?: string,
  ])[] = [
    ['a path', {}, '/ok?x#y', '192.0.2.1:8080', '192.0.2.1', '/ok?x'],
    ['a relative path', { request: '/a/b' }, 'c', '192.0.2.1:8080', '192.0.2.1', '/a/c'],
    [
      'itself, as it was addressed',
      { virtualhost: 'www.example.com' },
      'http://www.example.com/ok',
      '192.0.2.1:8080',
      'www.example.com',
      '/ok',
    ],
    ['another port', {}, 'http://192.0.2.1:81/ok', '192.0.2.1:81', '192.0.2.1:81', '/ok'],
    ['HTTPS', { virtualhost: 'a.example' }, 'https://a.example/', '192.0.2.1:443 a.example', 'a.example', '/'],
    ['another name', {}, 'https://b.example/', '192.0.2.1:443 b.example', 'b.example', '/'],
    ['another machine is not asked', {}, 'http://198.51.100.9/', '192.0.2.1:80', '198.51.100.9', '/'],
    ['no HTTP', {}, 'ftp://192.0.2.1/', null],
    ['nonsense', {}, 'http://:99999/', null],
    ['no name to start from', { virtualhost: 'a b' }, '/ok', null],
    [
      'by a proxy',
      { service: 'http_proxy', request: '/http://a.example/x/y' },
      'z',
      '192.0.2.1:8080',
      'a.example',
      'http://a.example/x/z',
    ],
    ['by a proxy, to HTTPS', { service: 'http_proxy', request: '/http://a.example/' }, 'https://a.example/', null],
  ];
  for (const [name, changes, location, address, host, path] of table) {
    it(name, () => {
      const check = checkOf({ address: '192.0.2.1', port: 8080, ...changes });
      const hop = redirected(firstHop(check), location, check);
      const tls = hop === null || hop.target.tls === null ? '' : ` ${hop.target.tls.servername}`;
      assert.equal(hop && `${hop.target.address}:${hop.target.port}${tls}`, address);
      assert.equal(hop?.host, host);
      assert.equal(hop?.path, path);
    });
  }
});
