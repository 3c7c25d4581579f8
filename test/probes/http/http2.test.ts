import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { describe, it } from 'node:test';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { brief, checkOf, receive } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';

type Serve = (stream: ServerHttp2Stream, session: ServerHttp2Session) => void;

/** Both ends are in this process, so that nothing may be left of either. */
function serving(serve: Serve, use: (port: number) => Promise<void>): Promise<void> {
  return withoutLeaks(() => lend(serve, use));
}

async function lend(serve: Serve, use: (port: number) => Promise<void>): Promise<void> {
  const server = http2.createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.on('stream', (stream) => {
      stream.on('error', () => {});
      serve(stream, session);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  try {
    await use(typeof bound === 'object' && bound !== null ? bound.port : 0);
  } finally {
    await releaseKept();
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  }
}

const { http } = checkOf({});
const ok = (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 });

describe('HTTP/2, bad servers', () => {
  const table: readonly (readonly [name: string, serve: Serve, up: boolean, reason: RegExp])[] = [
    [
      'resets the request',
      (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
      false,
      /^response headers: /,
    ],
    [
      'resets the body',
      (stream) => {
        ok(stream);
        stream.write('x');
        setTimeout(() => stream.destroy(new Error('x')), 20);
      },
      false,
      /^response body: /,
    ],
    ['ends the session', (_, session) => session.destroy(), false, /^response headers: /],
    [
      'goes away with an error',
      (_, session) => session.destroy(new Error('x'), http2.constants.NGHTTP2_ENHANCE_YOUR_CALM),
      false,
      /^response headers: /,
    ],
    [
      'goes away and still answers',
      (stream, session) => {
        session.goaway();
        ok(stream);
        stream.end('hello');
      },
      true,
      /^response: status 200$/,
    ],
    ['says nothing', () => {}, false, /^response headers: not done within 0\.4 s$/],
    [
      'stalls in the body',
      (stream) => {
        ok(stream);
        stream.write('x');
      },
      false,
      /^response body: not done within 0\.4 s$/,
    ],
    [
      'interim responses without end',
      (stream) => {
        for (let n = 0; n < 100; n += 1) stream.additionalHeaders({ ':status': 103 });
      },
      false,
      /^response headers: more than 8 interim responses \(status 103\)$/,
    ],
    [
      'a body without end',
      (stream) => {
        ok(stream);
        const pump = () => {
          while (!stream.destroyed && stream.write('x'.repeat(65536)));
        };
        stream.on('drain', pump);
        pump();
      },
      true,
      /^response: status 200$/,
    ],
  ];
  for (const [name, serve, up, reason] of table) {
    for (const keepAlive of [false, true]) {
      it(keepAlive ? `${name}, on a kept connection` : name, () =>
        serving(serve, async (port) => {
          const patient = name === 'says nothing' || name === 'stalls in the body' ? { negotiateTimeout: brief } : {};
          const check = checkOf({ port, http: { ...http, version: '2', keepAlive }, ...patient });
          const result = await runProbe(check, 'negotiate');
          assert.match(result.reason, reason);
          assert.equal(result.ok, up);
        }),
      );
    }
  }

  /** A frame of RFC 9113, section 4.1. */
  const frame = (type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(id, 5);
    return Buffer.concat([head, payload]);
  };
  const [settings, acknowledged] = [frame(4, 0, 0), frame(4, 1, 0)];
  /** `:status: 200` of the static table (RFC 7541, appendix A). */
  const headers = (flags: number) => frame(1, 4 | flags, 1, Buffer.from([0x88]));
  const data = (flags: number) => frame(0, flags, 1, Buffer.from('ok'));
  const reset = (code: number) => frame(3, 0, 1, Buffer.from([0, 0, 0, code]));
  const goAway = frame(7, 0, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  const endings: readonly (readonly [name: string, frames: readonly Buffer[], up: boolean])[] = [
    ['is said', [headers(0), data(1)], true],
    ['is said, and the stream reset without an error', [headers(0), data(1), reset(0)], true],
    ['is said, and the server goes away', [headers(0), data(1), goAway], true],
    ['is said with the headers', [headers(1)], true],
    ['is no reset, if only one without an error', [headers(0), data(0), reset(0)], false],
    ['is no reset with an error', [headers(0), data(0), reset(8)], false],
    ['is no reset right after the headers', [headers(0), reset(0)], false],
  ];
  for (const keepAlive of [false, true]) {
    for (const [name, frames, up] of endings) {
      it(`the end of a body ${name}${keepAlive ? ', on a kept connection' : ''}`, async () => {
        const server = await listen((socket) => {
          socket.once('data', () => socket.write(Buffer.concat([settings, acknowledged, ...frames])));
        });
        try {
          const { ok, reason } = await runProbe(
            checkOf({ port: server.port, http: { ...http, version: '2', keepAlive } }),
            'negotiate',
          );
          assert.equal(ok, up, reason);
          if (!up) assert.match(reason, /^response body: /);
        } finally {
          await releaseKept();
          await server.close();
        }
      });
    }
  }

  it('escapes a place that is not ASCII byte by byte', () =>
    serving(
      (stream) => {
        stream.respond({ ':status': 302, location: Buffer.from('/é', 'utf8').toString('latin1') });
        stream.end();
      },
      async (port) => {
        const check = checkOf({ port, http: { ...http, version: '2' } });
        const { reason } = await runProbe(check, 'negotiate');
        assert.equal(reason, 'response: status 302 to /%C3%A9, after 7 redirects');
      },
    ));

  it('reads what it is to match across frames', () =>
    serving(
      (stream) => {
        ok(stream);
        stream.write('hel');
        setTimeout(() => stream.end('lo'), 10);
      },
      async (port) => {
        const check = checkOf({ port, http: { ...http, version: '2' }, receive: receive('^hello$') });
        assert.equal((await runProbe(check, 'negotiate')).ok, true);
      },
    ));
});
