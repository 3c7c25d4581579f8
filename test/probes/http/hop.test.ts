import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { firstHop, redirect } from '../../../src/probes/http/hop.js';
import type { Check } from '../../../src/probes/probe.js';
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
      assert.deepEqual(rest, { origin: 'http://192.0.2.1', host: '192.0.2.1', path, authorization: null });
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
      authorization: null,
    });
    assert.equal(sni({ virtualhost: 'www.example.com:444' }).target.tls?.servername, 'www.example.com');
    assert.equal(sni({ virtualhost: 'www.example.com.' }).target.tls?.servername, 'www.example.com');
    assert.equal(sni({ virtualhost: 'www.example.com.' }).host, 'www.example.com.');
    assert.equal(sni({ address: '2001:db8::1' }).host, '[2001:db8::1]');
  });

  it('has the certificate be for what the check says, if only for nothing', () => {
    const named = (servername: string | null, changes: Partial<Check> = {}) =>
      first({ service: 'https', tls: tlsOf({ servername }), ...changes }).target.tls?.servername;
    assert.equal(named('198.51.100.1', { virtualhost: '198.51.100.1:444' }), '198.51.100.1');
    assert.equal(named('a.example', { virtualhost: 'b.example' }), 'a.example');
    assert.equal(named(null), null);
  });

  it('takes user and password from an absolute request, as the reference does', () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const found = (changes: Partial<Check>) => first(changes).authorization;
    assert.equal(found({ request: '/http://joe:pw@192.0.2.1:81/a' }), basic('joe:pw'));
    assert.equal(found({ request: 'http://joe@192.0.2.1/' }), basic('joe:'));
    assert.equal(found({ request: 'http://j%40e:p%c3%a9é%3A@192.0.2.1/' }), basic('j@e:péé:'));
    assert.equal(found({ service: 'https', request: 'https://joe:pw@a.example/' }), basic('joe:pw'));
    assert.equal(found({ service: 'http_proxy', request: 'http://joe:pw@a.example/' }), basic('joe:pw'));
    assert.equal(first({ service: 'http_proxy', request: 'http://joe:pw@a.example/b' }).path, 'http://a.example/b');
  });

  it('takes port, path and a literal address from an absolute request', () => {
    const own = { origin: 'http://192.0.2.1', host: '192.0.2.1', authorization: null };
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
      authorization: null,
    });
    for (const request of ['/a', '/https://www.example.com/', 'http://']) {
      assert.throws(() => proxied(request), /is not an absolute http address/, request);
    }
  });
});

describe('redirected', () => {
  const { http } = checkOf({});
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
    ['another machine is not asked', {}, 'http://198.51.100.9/', '192.0.2.1:8080', '198.51.100.9', '/'],
    [
      'another name of the site, which clients reach without a port',
      { virtualhost: 'example.com' },
      'http://www.example.com/ok',
      '192.0.2.1:8080',
      'www.example.com',
      '/ok',
    ],
    [
      'another name of the site, with the port of the service',
      { http: { ...http, publicPort: 81 } },
      'http://www.example.com:81/ok',
      '192.0.2.1:8080',
      'www.example.com:81',
      '/ok',
    ],
    [
      'another name, with the port of another service',
      { http: { ...http, publicPort: 82 } },
      'http://www.example.com:81/ok',
      '192.0.2.1:81',
      'www.example.com:81',
      '/ok',
    ],
    [
      'another name, where the request has a port of its own',
      { request: 'http://web1:82/' },
      'http://www.example.com/ok',
      '192.0.2.1:82',
      'www.example.com',
      '/ok',
    ],
    [
      'another name, under TLS as the check',
      { service: 'https', tls: tlsOf({ servername: 'a.example' }), virtualhost: 'a.example' },
      'https://b.example/ok',
      '192.0.2.1:8080 b.example',
      'b.example',
      '/ok',
    ],
    [
      'its own name at another port, under TLS',
      { service: 'https', tls: tlsOf({ servername: 'c.example' }), virtualhost: 'a.example' },
      'https://a.example:444/ok',
      '192.0.2.1:444 c.example',
      'a.example:444',
      '/ok',
    ],
    [
      'its own address at another port, under TLS, where no name is checked',
      { service: 'https', tls: tlsOf({ verify: true }) },
      'https://192.0.2.1:444/ok',
      '192.0.2.1:444 null',
      '192.0.2.1:444',
      '/ok',
    ],
    [
      'out of TLS, to the port of that',
      { service: 'https', tls: tlsOf(), virtualhost: 'a.example' },
      'http://a.example/ok',
      '192.0.2.1:80',
      'a.example',
      '/ok',
    ],
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
      const hop = redirect(firstHop(check), location, check);
      const tls = hop === null || hop.target.tls === null ? '' : ` ${hop.target.tls.servername}`;
      assert.equal(hop && `${hop.target.address}:${hop.target.port}${tls}`, address);
      assert.equal(hop?.host, host);
      assert.equal(hop?.path, path);
    });
  }

  it('takes user and password from the new address, and keeps those of the server’s own', () => {
    const check = checkOf({ address: '192.0.2.1', port: 8080, request: 'http://joe:pw@192.0.2.1:8080/' });
    const hop = firstHop(check);
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    assert.equal(redirect(hop, '/ok', check)?.authorization, basic('joe:pw'));
    assert.equal(redirect(hop, 'http://ann:pw@b.example/', check)?.authorization, basic('ann:pw'));
    assert.equal(redirect(hop, 'http://b.example/', check)?.authorization, null);
  });
});
