/** For how long kept connections serve, and which of their failures are asked about once more. */

import assert from 'node:assert/strict';
import type net from 'node:net';
import { performance } from 'node:perf_hooks';
import { describe, it } from 'node:test';
import type { HttpRequest } from '../../../src/probes/http/http-message.js';
import { askKept, Keep } from '../../../src/probes/http/kept-connections.js';
import { OwnHttp1Channel } from '../../../src/probes/http/own-http1.js';
import type { Check, HttpOptions } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { connectTo } from '../../../src/probes/sockets/tcp-connect.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { checkOf, direct, tlsOf } from '../../helpers/check.js';
import { until } from '../../helpers/deadline.js';
import { type Behaviour, type Listener, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { listenSecured } from '../../helpers/secured-listener.js';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const answers: Behaviour = (socket) => socket.on('data', () => socket.write(answer));
const kept = (changes: Partial<HttpOptions> = {}) => ({ ...checkOf({}).http, keepAlive: true, ...changes });

/** How many times the check is up, one after another. */
async function timesUp(check: Check, count: number): Promise<number> {
  let up = 0;
  for (let done = 0; done < count; done += 1) up += (await runProbe(check, 'negotiate')).ok === true ? 1 : 0;
  return up;
}

const kinds: readonly (readonly [name: string, tls: boolean])[] = [
  ['in clear', false],
  ...(lacks('openssl') === false ? [['under TLS', true] as const] : []),
];

for (const [kind, isSecured] of kinds) {
  const serve = (behave: Behaviour): Promise<Listener> => (isSecured ? listenSecured(behave) : listen(behave));
  const checkFor = (port: number, changes: Partial<Check> = {}) =>
    checkOf({ port, http: kept(), ...(isSecured && { service: 'https', tls: tlsOf() }), ...changes });

  describe(`kept connections ${kind}`, () => {
    it('serve twenty checks', async () => {
      const server = await serve(answers);
      try {
        assert.equal(await timesUp(checkFor(server.port), 41), 41);
        assert.equal(server.accepted(), 3);
      } finally {
        await releaseKept();
        await server.close();
      }
    });

    const others: readonly (readonly [name: string, second: Behaviour, reason: RegExp])[] = [
      [
        'an answer that is cut short',
        (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi'),
        /^response body: closed by the server, 7 bytes short of its Content-Length$/,
      ],
      ['a head that is cut short', (socket) => socket.end('HTTP/1.1 200 OK\r\nCont'), /^response headers: closed by/],
      ['garbage', (socket) => socket.write('garbage\r\n'), /^response headers: not HTTP/],
      ['another status', (socket) => socket.write('HTTP/1.1 503 No\r\n\r\n'), /^response: status 503$/],
    ];
    for (const [name, second, reason] of others) {
      it(`do not ask again after ${name}`, async () => {
        let requests = 0;
        const server = await serve((socket) => {
          socket.on('data', () => {
            requests += 1;
            if (requests % 2 === 0) second(socket);
            else socket.write(answer);
          });
        });
        const check = checkFor(server.port);
        try {
          for (const ok of [true, false, true, false]) {
            const result = await runProbe(check, 'negotiate');
            assert.equal(result.ok, ok, result.reason);
            if (!ok) assert.match(result.reason, reason);
          }
          assert.equal(requests, 4);
        } finally {
          await releaseKept();
          await server.close();
        }
      });
    }

    const gone: readonly (readonly [name: string, second: Behaviour])[] = [
      ['closed at the request', (socket) => socket.end()],
      ['reset at the request', (socket) => socket.resetAndDestroy()],
      [
        'said to have waited too long',
        (socket) => socket.end('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'),
      ],
    ];
    for (const [name, second] of gone) {
      it(`are opened anew where they are ${name}`, async () => {
        const server = await serve((socket) => {
          let requests = 0;
          socket.on('data', () => {
            requests += 1;
            if (requests === 1) socket.write(answer);
            else second(socket);
          });
        });
        try {
          assert.equal(await timesUp(checkFor(server.port), 3), 3);
          assert.equal(server.accepted(), 3);
        } finally {
          await releaseKept();
          await server.close();
        }
      });
    }
  });
}

describe('a kept connection', () => {
  it('goes after a minute, however often it is used', async () => {
    const server = await listen(answers);
    const keep = new Keep(Number.POSITIVE_INFINITY);
    const { signal } = new AbortController();
    const target = { address: server.address, port: server.port, route: direct };
    const open = async () => new OwnHttp1Channel(await connectTo(target, signal, 'request'));
    const request: HttpRequest = {
      method: 'GET',
      scheme: 'http',
      host: 'a.example',
      path: '/',
      headers: {},
      wanted: [{ from: 200, to: 200 }],
      bodyLimit: 100,
      keepsHead: false,
      keepsBody: false,
    };
    try {
      const before = performance.now();
      await askKept(request, keep, open, signal);
      const after = performance.now();
      await askKept(request, keep, open, signal);
      assert.equal(server.accepted(), 1);
      keep.endIfOld(before + 59_999);
      await askKept(request, keep, open, signal);
      assert.equal(server.accepted(), 1);
      keep.endIfOld(after + 60_000);
      await until('it is gone', () => server.connections() === 0);
      await askKept(request, keep, open, signal);
      assert.equal(server.accepted(), 2);
    } finally {
      await keep.end();
      await releaseKept();
      await server.close();
    }
  });

  it('does not hide a listener that is gone for longer than twenty checks', { skip: lacks('openssl') }, async () => {
    const server = await listenSecured(answers);
    const check = checkOf({ port: server.port, service: 'https', tls: tlsOf(), http: kept() });
    try {
      assert.equal(await timesUp(check, 1), 1);
      server.secured.close();
      assert.equal(await timesUp(check, 19), 19);
      const { reason } = await runProbe(check, 'negotiate');
      assert.equal(reason, 'connect: refused (ECONNREFUSED)');
    } finally {
      await releaseKept();
      await server.close();
    }
  });

  it('does not hide another certificate for longer than twenty checks', { skip: lacks('openssl') }, async () => {
    const authority = testAuthority();
    const server = await listenSecured(answers, authority.issue({ names: ['a.example'] }));
    const verified = tlsOf({ verify: true, ca: pemOf(authority.cert), servername: 'a.example' });
    const check = checkOf({ port: server.port, service: 'https', tls: verified, http: kept() });
    try {
      assert.equal(await timesUp(check, 1), 1);
      server.secured.setSecureContext(authority.issue({ names: ['b.example'] }));
      assert.equal(await timesUp(check, 30), 19);
    } finally {
      await releaseKept();
      await server.close();
    }
  });

  it('is heard while it rests, under TLS', { skip: lacks('openssl') }, async () => {
    const sockets: net.Socket[] = [];
    const server = await listenSecured((socket) => {
      sockets.push(socket);
      answers(socket);
    });
    const check = checkOf({ port: server.port, service: 'https', tls: tlsOf(), http: kept() });
    try {
      assert.equal(await timesUp(check, 1), 1);
      sockets[0]?.end('HTTP/1.1 503 Too Late\r\nContent-Length: 0\r\n\r\n');
      await until('the check has let go', () => server.connections() === 0);
      assert.equal(await timesUp(check, 1), 1);
      assert.equal(server.accepted(), 2);
    } finally {
      await releaseKept();
      await server.close();
    }
  });

  it('is none where each check is to look at the certificate', { skip: lacks('openssl') }, async () => {
    const server = await listenSecured(answers);
    const check = checkOf({ port: server.port, service: 'https', tls: tlsOf({ minDays: 1 }), http: kept() });
    try {
      assert.equal(await timesUp(check, 3), 3);
      assert.equal(server.accepted(), 3);
    } finally {
      await releaseKept();
      await server.close();
    }
  });
});
