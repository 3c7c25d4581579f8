import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { response, saysAndCloses } from '../../helpers/bad-servers.js';
import { testCertificate } from '../../helpers/certificate.js';
import { checkOf, receive } from '../../helpers/check.js';
import { until } from '../../helpers/deadline.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { type Behaviour, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';

/** Checks a server that answers by the path that it is asked for; returns the requests too, as they came. */
async function probe(
  pages: (path: string, port: number) => Behaviour,
  changes: Partial<Check>,
): Promise<ProbeResult & { readonly requests: readonly string[]; readonly port: number }> {
  return await withoutLeaks(async () => {
    const requests: string[] = [];
    const server = await listen((socket) => {
      socket.once('data', (data) => {
        const request = data.toString('latin1');
        requests.push(request);
        pages(request.split(' ')[1] ?? '', server.port)(socket);
        // The behaviour waits for a request as well.
        socket.emit('data', data);
      });
    }, changes.address);
    try {
      const result = await runProbe(checkOf({ port: server.port, ...changes }), 'negotiate');
      return { ...result, requests, port: server.port };
    } finally {
      await server.close();
    }
  });
}

const hello = () => response('200 OK', 'hello');

function headers(request: string | undefined): Map<string, string> {
  const lines = (request ?? '').split('\r\n').slice(1, -2);
  return new Map(lines.map((line) => [line.replace(/: .*/, ''), line.replace(/^.*?: /, '')]));
}

describe('http', () => {
  it('asks as the reference does: path, host without port, nothing compressed', async () => {
    const { ok, requests } = await probe(hello, { request: '/a/../b c?d', virtualhost: null });
    assert.equal(ok, true);
    assert.equal(requests.length, 1);
    assert.match(requests[0] ?? '', /^GET \/a\/\.\.\/b%20c\?d HTTP\/1\.1\r\n/);
    assert.deepEqual(
      [...headers(requests[0])],
      [
        ['host', '127.0.0.1'],
        ['connection', 'keep-alive'],
        ['user-agent', 'ldirectord'],
        ['accept', '*/*'],
        ['accept-encoding', 'identity'],
      ],
    );
  });

  it('names the virtual host, and an IPv6 address in brackets', async () => {
    const named = await probe(hello, { virtualhost: 'www.example.com' });
    assert.equal(headers(named.requests[0]).get('host'), 'www.example.com');
    const v6 = await probe(hello, { address: '::1', family: 'inet6' });
    assert.equal(v6.ok, true);
    assert.equal(headers(v6.requests[0]).get('host'), '[::1]');
  });

  it('logs in with the user and password of an absolute request', async () => {
    const authorizations: unknown[] = [];
    const server = await listen((socket) => {
      socket.once('data', (data) => authorizations.push(headers(data.toString('latin1')).get('authorization')));
      hello()(socket);
    });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const request = `http://joe:hunter2@127.0.0.1:${server.port}/x`;
    const own = [{ name: 'Authorization', value: 'Bearer 0123456789' }];
    try {
      for (const changes of [{}, { service: 'http_proxy' as const }, { http: { ...checkOf({}).http, headers: own } }]) {
        const { ok, reason } = await runProbe(checkOf({ port: server.port, request, ...changes }), 'negotiate');
        assert.equal(ok, true, reason);
      }
    } finally {
      await server.close();
    }
    assert.deepEqual(authorizations, [basic('joe:hunter2'), basic('joe:hunter2'), 'Bearer 0123456789']);
  });

  it('asks a proxy for an absolute address', async () => {
    const changes: Partial<Check> = { service: 'http_proxy', request: '/http://www.example.com/x' };
    const { ok, requests } = await probe(hello, changes);
    assert.equal(ok, true);
    assert.match(requests[0] ?? '', /^GET http:\/\/www\.example\.com\/x HTTP\/1\.1\r\nhost: www\.example\.com\r\n/);
    const path = await runProbe(checkOf({ service: 'http_proxy', request: '/x' }), 'negotiate');
    assert.equal(path.reason, 'request: "/x" is not an absolute http address');
  });

  it('is up on every 2xx, and on nothing else', async () => {
    for (const status of [200, 201, 204, 206, 299, 300, 304, 400, 401, 403, 404, 500, 503]) {
      const { ok, reason } = await probe(() => response(`${status} Whatever`), {});
      assert.deepEqual([ok, reason], [status < 300, `response: status ${status}`]);
    }
  });

  it('says so where a header cannot be sent', async () => {
    const server = await listen(hello());
    try {
      const result = await runProbe(checkOf({ port: server.port, virtualhost: 'a\r\nb: c' }), 'negotiate');
      assert.equal(result.reason, 'request: the header host is not valid in HTTP');
    } finally {
      await server.close();
    }
  });
});

describe('http, receive', () => {
  const latin = Buffer.from('caf\xe9 cr\xe8me', 'latin1');
  const page = (body: string | Buffer, head = '') =>
    saysAndCloses(
      Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}Connection: close\r\n\r\n`), Buffer.from(body)]),
    );
  const table: readonly (readonly [name: string, server: Behaviour, pattern: string, ok: boolean])[] = [
    ['anywhere in the body', page('say hello there'), 'hello', true],
    ['not in the headers', page('x'), 'Connection', false],
    ['with case', page('HELLO'), 'hello', false],
    ['not without status 2xx', response('404 Not Found', 'hello'), 'hello', false],
    ['in UTF-8', page('café'), '^café$', true],
    ['in bytes that are not UTF-8', page(latin), 'caf\\xe9 cr', true],
    ['in plain characters around such bytes', page(latin), 'me$', true],
    ['after a cut character', page(Buffer.from('hello €').subarray(0, -1)), '^hello $', true],
    ['an empty body', response('204 No Content'), '^$', true],
    ['HTTP/1.0', saysAndCloses('HTTP/1.0 200 OK\r\n\r\nhello'), 'hello', true],
    ['chunks', page('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', 'Transfer-Encoding: chunked\r\n'), '^hello world$', true],
    ['what is compressed all the same stays so', page('\x1f\x8b', 'Content-Encoding: gzip\r\n'), '^\\x1f', true],
  ];
  for (const [name, server, pattern, ok] of table) {
    it(name, async () => {
      const result = await probe(() => server, { receive: receive(pattern) });
      assert.equal(result.ok, ok, result.reason);
    });
  }

  it('is the same every time, whatever flags the expression has', async () => {
    const check = { receive: { source: 'hello', regex: /hello/gy } };
    for (const _time of [1, 2, 3]) {
      assert.equal((await probe(hello, check)).ok, true);
    }
  });

  it('sends HEAD, which has no body to match', async () => {
    const head = await probe(() => saysAndCloses('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'), {
      httpmethod: 'HEAD',
    });
    assert.equal(head.ok, true);
    assert.match(head.requests[0] ?? '', /^HEAD \/ /);
    const changes: Partial<Check> = { httpmethod: 'HEAD', receive: receive('hello') };
    const matched = await probe(() => saysAndCloses('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'), changes);
    assert.deepEqual([matched.ok, matched.reason], [false, 'response body: no match for "hello" in 0 bytes']);
  });
});

describe('http, redirects', () => {
  const to = (location: string, status = 302) => response(`${status} Found`, '', [`Location: ${location}`]);

  it('are followed, and their last answer counts', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const pages = (path: string) => (path === '/' ? to('/ok', status) : hello());
      const { ok, reason, requests } = await probe(pages, { receive: receive('hello') });
      assert.deepEqual([ok, reason], [true, 'response: status 200, the body matches']);
      assert.deepEqual(
        requests.map((request) => request.split(' ')[1]),
        ['/', '/ok'],
      );
    }
  });

  it('to an error name both', async () => {
    const pages = (path: string) => (path === '/' ? to('/gone') : response('404 Not Found'));
    assert.equal((await probe(pages, {})).reason, 'response: status 404, after status 302 to /gone');
  });

  it('in a circle end', async () => {
    const { ok, reason, requests } = await probe(() => to('/again'), {});
    assert.deepEqual([ok, reason], [false, 'response: status 302 to /again, after 7 redirects']);
    assert.equal(requests.length, 8);
  });

  it('elsewhere are asked of the server under check', async () => {
    const pages = (path: string, port: number) => (path === '/' ? to(`http://other.example:${port}/ok`) : hello());
    const { ok, requests, port } = await probe(pages, {});
    assert.equal(ok, true);
    assert.equal(headers(requests[1]).get('host'), `other.example:${port}`);
  });

  it('to another name of the site are asked for where the check asks', async () => {
    const pages = (path: string) => (path === '/' ? to('http://www.example.com/ok') : hello());
    const { ok, reason, requests } = await probe(pages, { virtualhost: 'example.com' });
    assert.equal(ok, true, reason);
    assert.equal(headers(requests[1]).get('host'), 'www.example.com');
  });

  it('to a place that is not ASCII ask for its bytes', async () => {
    const raw = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    const place = saysAndCloses(
      Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${raw('/café')}\r\nContent-Length: 0\r\n\r\n`, 'latin1'),
    );
    const { ok, reason, requests } = await probe((path) => (path === '/' ? place : hello()), {});
    assert.equal(ok, true, reason);
    assert.match(requests[1] ?? '', /^GET \/caf%C3%A9 /);
  });

  it('take passwords and headers along to the same host, and to no other', async () => {
    const { http } = checkOf({});
    const own = { ...http, auth: 'basic' as const, headers: [{ name: 'X-Token', value: 'token' }] };
    const changes = { login: 'monitor', passwd: 'hunter2', http: own, virtualhost: 'www.example.com' };
    for (const [host, along] of [
      ['www.example.com', true],
      ['WWW.example.com', true],
      ['other.example', false],
    ] as const) {
      const pages = (path: string, port: number) => (path === '/' ? to(`http://${host}:${port}/ok`) : hello());
      const { ok, requests } = await probe(pages, changes);
      assert.equal(ok, true);
      const [first, second] = requests.map(headers);
      assert.deepEqual([first?.has('authorization'), first?.get('x-token')], [true, 'token']);
      assert.deepEqual([second?.has('authorization'), second?.has('x-token')], [along, along], host);
    }
  });

  it('to where nobody listens name the phase', async () => {
    const { ok, reason } = await probe(() => to('http://127.0.0.1:1/'), {});
    assert.deepEqual([ok, reason], [false, 'connect: refused (ECONNREFUSED), after status 302 to http://127.0.0.1:1/']);
  });

  it('without a usable location are an answer like any other', async () => {
    assert.equal((await probe(() => response('302 Found'), {})).reason, 'response: status 302');
    const file = await probe(() => to('file:///etc/passwd'), {});
    assert.equal(file.reason, 'response: status 302 to file:///etc/passwd, which cannot be asked for');
    const choices = await probe(() => to('/ok', 300), {});
    assert.equal(choices.reason, 'response: status 300');
  });
});

describe('https', () => {
  it('trusts any certificate, and sends the virtual host as SNI', { skip: lacks('openssl') }, async () => {
    const seen: unknown[] = [];
    const ends: string[] = [];
    const server = https.createServer(testCertificate(), (request, reply) => {
      seen.push([(request.socket as TLSSocket).servername, request.headers.host]);
      reply.end('hello');
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      for (const virtualhost of ['www.example.com', 'www.example.com.', null]) {
        const check = checkOf({ service: 'https', port, virtualhost, receive: receive('^hello$') });
        const result = await runProbe(check, 'negotiate');
        assert.deepEqual([result.ok, result.reason], [true, 'response: status 200, the body matches']);
      }
      assert.deepEqual(seen, [
        ['www.example.com', 'www.example.com'],
        ['www.example.com', 'www.example.com.'],
        [false, '127.0.0.1'],
      ]);
      await until('the server has seen three ends', () => ends.length === 3);
      assert.deepEqual(ends, ['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });
});
