/** One table of answers by HTTP/1, and one verdict on each, whatever way it comes. */

import assert from 'node:assert/strict';
import type net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CheckSignal } from '../../../src/probes/check-signal.js';
import { DeadlineExceeded } from '../../../src/probes/failure.js';
import type { Check, TlsOptions } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { pemOf, testCertificate } from '../../helpers/certificate.js';
import { checkOf, receive, tlsOf } from '../../helpers/check.js';
import { type Behaviour, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { listenSecured } from '../../helpers/secured-listener.js';

/** True is up with the body `hello`, and else the reason. */
type Verdict = true | RegExp;
/** By the end `odd` the server keeps the connection as well, and without anything to look for the answer is up. */
type Row = readonly [name: string, said: string, verdict: Verdict, end?: 'closes' | 'resets' | 'odd'];

const ok = 'HTTP/1.1 200 OK\r\n';
const whole = 'Content-Length: 5\r\n\r\nhello';
const chunks = '5\r\nhello\r\n0\r\n\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n`;

/** Where a row does not close, the server keeps the connection: the answer must end by what it says. */
const rows: readonly Row[] = [
  // RFC 9110 and 9112 have a client understand these.
  ['100 Continue first', `HTTP/1.1 100 Continue\r\n\r\n${ok}${whole}`, true],
  ['103 Early Hints first', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}${whole}`, true],
  ['a header over two lines', `${ok}X-Long: a\r\n b\r\n${whole}`, true],
  ['lines that end with LF', `${ok}${whole}`.replaceAll('\r\n', '\n'), true],
  ['the same length twice', `${ok}Content-Length: 5\r\n${whole}`, true],
  ['the same length in a list', `${ok}Content-Length: 5, 5\r\n\r\nhello`, true],
  ['chunks', `${chunked}\r\n${chunks}`, true],
  ['chunks with extensions and trailers', `${chunked}\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`, true],
  ['blanks after the size of a chunk', `${chunked}\r\n5  \r\nhello\r\n0\r\n\r\n`, true],
  ['chunks and a length', `${chunked}Content-Length: 9\r\n\r\n${chunks}`, true],
  ['a length and chunks', `${ok}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`, true],
  ['until the end', `${ok}\r\nhello`, true, 'closes'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', true, 'closes'],
  ['HTTP/1.0 in chunks', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`, true],
  ['a coding that is none', `${ok}Transfer-Encoding: identity\r\n${whole}`, true],
  ['no phrase', `HTTP/1.1 200\r\n${whole}`, true],
  // These are mistakes that browsers, curl or the reference forgive, and that leave no doubt.
  ['an empty line first', `\r\n${ok}${whole}`, true],
  ['another version', `HTTP/2.0 200 OK\r\n${whole}`, true],
  ['a version in lower case', `http/1.1 200 OK\r\n${whole}`, true],
  ['two blanks in the status line', `HTTP/1.1  200  OK\r\n${whole}`, true],
  ['DEL in the phrase', `HTTP/1.1 200 O\x7fK\r\n${whole}`, true],
  ['control characters in a value', `${ok}X-A: \x01\x0b\0\r\n${whole}`, true],
  ['CR alone in a value', `${ok}X-A: b\rc\r\n${whole}`, true],
  ['a blank before the colon', `${ok}Content-Length : 5\r\n\r\nhello`, true],
  ['names with other characters', `${ok}X(A): b\r\nX/A: b\r\nX@A: b\r\n${whole}`, true],
  ['a name with a blank', `${ok}X A: b\r\n${whole}`, true],
  ['no name', `${ok}: b\r\n${whole}`, true],
  ['no colon', `${ok}nothing\r\n${whole}`, true],
  ['a first header with a blank before it', `${ok} X-A: b\r\n${whole}`, true],
  ['a length with a sign', `${ok}Content-Length: +5\r\n\r\nhello`, true],
  ['chunks that end with LF', `${chunked}\r\n${chunks.replaceAll('\r\n', '\n')}`, true],
  ['ten long cookies', `${ok}${`Set-Cookie: a=${'x'.repeat(4000)}\r\n`.repeat(10)}${whole}`, true],
  ['a thousand headers', `${ok}${'X-A: b\r\n'.repeat(1000)}${whole}`, true],
  ['a reset where the end is that of the body', `${ok}\r\nhello`, true, 'resets'],
  ['a stream of music', 'ICY 200 OK\r\nicy-name: x\r\n\r\nhello', true, 'closes'],
  // And of these no two clients make the same.
  ['nothing', '', /^response headers: closed by the server$/, 'closes'],
  ['no head', '<html>hello</html>', /^response headers: not HTTP\/1: it begins with "<html>hello<\/html>"$/],
  ['another protocol', '220 hello ESMTP\r\n', /^response headers: not HTTP\/1: it begins with "220 hello ESMTP"$/],
  ['a status of two digits', `HTTP/1.1 20 OK\r\n${whole}`, /^response headers: not HTTP: ".*" is no status line$/],
  ['a status that is no number', `HTTP/1.1 OK\r\n${whole}`, /^response headers: not HTTP: ".*" is no status line$/],
  [
    'two lengths',
    `${ok}Content-Length: 4\r\n${whole}`,
    /^response headers: not HTTP: the Content-Length is "4,5"$/,
    'odd',
  ],
  [
    'a length below 0',
    `${ok}Content-Length: -5\r\n\r\nhello`,
    /^response headers: not HTTP: the Content-Length is/,
    'odd',
  ],
  [
    'a length in hex',
    `${ok}Content-Length: 0x5\r\n\r\nhello`,
    /^response headers: not HTTP: the Content-Length is/,
    'odd',
  ],
  [
    'a body cut short',
    `${ok}Content-Length: 9\r\n\r\nhello`,
    /^response body: closed by the server, 4 bytes/,
    'closes',
  ],
  ['a body reset', `${ok}Content-Length: 9\r\n\r\nhello`, /^response body: .*closed by the server/, 'resets'],
  ['chunks reset', `${chunked}\r\n5\r\nhello\r\n`, /^response body: .*closed by the server/, 'resets'],
  ['a head reset', `${ok}Content-`, /^response headers: .*closed by the server/, 'resets'],
  ['chunks cut short', `${chunked}\r\n5\r\nhello\r\n`, /^response body: closed by the server$/, 'closes'],
  ['no size of a chunk', `${chunked}\r\nhello\r\n`, /^response body: not HTTP: "hello" is no size of a chunk$/],
  ['101', 'HTTP/1.1 101 No\r\n\r\n', /^response headers: an interim response that was not asked for/],
  [
    'a head beyond all bounds',
    `${ok}X-A: ${'x'.repeat(70_000)}`,
    /^response headers: too large: more than 65536 bytes$/,
  ],
  // The status first.
  ['another status', `HTTP/1.1 503 No\r\n${whole}`, /^response: status 503$/],
  ['another status, with two lengths', `HTTP/1.1 503 No\r\nContent-Length: 4\r\n${whole}`, /^response: status 503$/],
];

/** Answers with the row that the path says. */
function answer(socket: net.Socket): void {
  socket.on('data', (request) => {
    const [, row = ''] = /\/row\/(\d+) /.exec(request.toString('latin1')) ?? [];
    const [, said, , end] = rows[Number(row)] ?? ['', '', true, 'closes'];
    if (end === 'resets') socket.write(said, 'latin1', () => socket.resetAndDestroy());
    else if (end === 'closes') socket.end(said, 'latin1');
    else socket.write(said, 'latin1');
  });
}

const withTls = lacks('openssl') === false;

function judged(): TlsOptions {
  return tlsOf({ verify: true, ca: pemOf(testCertificate().cert) });
}

describe('answers by HTTP/1', () => {
  const ports = { plain: 0, secured: 0 };
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    const servers = [await listen(answer), withTls ? await listenSecured(answer) : null];
    for (const server of servers) if (server !== null) ends.push(() => server.close());
    ports.plain = servers[0]?.port ?? 0;
    ports.secured = servers[1]?.port ?? 0;
  });
  after(async () => {
    await releaseKept();
    for (const end of ends) await end();
  });

  const ways: Readonly<Record<string, (path: string) => Partial<Check>>> = {
    http: (request) => ({ port: ports.plain, request }),
    http_proxy: (path) => ({ port: ports.plain, service: 'http_proxy', request: `http://a.example${path}` }),
    ...(withTls && {
      https: (request) => ({ port: ports.secured, service: 'https', tls: tlsOf(), request }),
      // By Node's TLS.
      'https, judged': (request) => ({ port: ports.secured, service: 'https', tls: judged(), request }),
    }),
  };
  for (const [number, [name, , verdict, end]] of rows.entries()) {
    it(name, async () => {
      for (const [way, changesFor] of Object.entries(ways)) {
        for (const keepAlive of [false, true]) {
          const changes = changesFor(`/row/${number}`);
          const check = checkOf({ receive: receive('^hello$'), http: { ...checkOf({}).http, keepAlive }, ...changes });
          const context = `${way}${keepAlive ? ', kept' : ''}`;
          // The second one goes over the same connection.
          for (const _ of keepAlive ? [1, 2] : [1]) {
            const { ok, reason } = await runProbe(check, 'negotiate');
            assert.equal(ok, verdict === true, `${context}: ${reason}`);
            if (verdict !== true) assert.match(reason, verdict, context);
          }
          if (keepAlive) continue;
          // Without anything to look for, an odd header makes no other status.
          const bare = await runProbe({ ...check, receive: null }, 'negotiate');
          assert.equal(bare.ok, verdict === true || end === 'odd', `${context}, no receive: ${bare.reason}`);
        }
      }
    });
  }

  it('a reset before what is looked for', async () => {
    const number = rows.findIndex(([, , , end]) => end === 'resets');
    for (const [way, changesFor] of Object.entries(ways)) {
      const check = checkOf({ ...changesFor(`/row/${number}`), receive: receive('bye') });
      const { ok, reason } = await runProbe(check, 'negotiate');
      assert.equal(ok, false, way);
      // Where both come at once, libuv takes the reset for an end.
      const end =
        way === 'https, judged' ? /^response body: / : /^response body: reset or closed by the server \(ECONNRESET\)$/;
      assert.match(reason, end, way);
    }
  });

  it('is not over where its connection is to end it and the time is', async () => {
    const said = `${ok}\r\nhello`;
    for (const isSecured of withTls ? [false, true] : [false]) {
      const signal = new CheckSignal();
      const stall: Behaviour = (socket) => {
        // Most likely when it has been read; before that, what comes of it is no success either.
        const over = () => setTimeout(() => signal.abort(new DeadlineExceeded(1)), 20);
        socket.once('data', () => socket.write(said, over));
      };
      const server = isSecured ? await listenSecured(stall) : await listen(stall);
      const secured = isSecured ? ({ service: 'https', tls: tlsOf() } as const) : {};
      try {
        const { ok, reason } = await runProbe(checkOf({ port: server.port, ...secured }), 'negotiate', signal);
        assert.equal(ok, false, reason);
        assert.match(reason, /: not done within 0\.001 s$/);
      } finally {
        await server.close();
      }
    }
  });

  it('204 with a length', async () => {
    // No row: it has no body to match.
    const server = await listen((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'));
    });
    try {
      const { ok, reason } = await runProbe(checkOf({ port: server.port }), 'negotiate');
      assert.deepEqual([ok, reason], [true, 'response: status 204']);
    } finally {
      await server.close();
    }
  });
});
