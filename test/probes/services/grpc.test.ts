import assert from 'node:assert/strict';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { checkOf, tlsOf } from '../../helpers/check.js';
import { lacks } from '../../helpers/programs.js';
import { type GrpcServer, startGrpc } from '../../helpers/servers/grpc-health.js';
import { verdict } from '../../helpers/verdict.js';

const grpc = (changes: Partial<Check> = {}) => checkOf({ service: 'grpc', ...changes });

describe('grpc, its own implementation', () => {
  let server: GrpcServer;
  before(async () => {
    server = await startGrpc({ '': 'SERVING', shop: 'NOT_SERVING', 'a.Shop': 'SERVING', new: 'UNKNOWN' });
  });
  after(() => server.close());

  const table: readonly (readonly [string, Partial<Check>, boolean, string])[] = [
    ['up', {}, true, 'response: SERVING'],
    ['a service', { request: '/a.Shop' }, true, 'response: SERVING'],
    ['a service that does not serve', { request: '/shop' }, false, 'response: NOT_SERVING'],
    ['a service that does not know', { request: '/new' }, false, 'response: UNKNOWN'],
    [
      'an unknown service',
      { request: '/none' },
      false,
      'response: NOT_FOUND, "Health status unknown for service none"',
    ],
    [
      'a name that is too long',
      { request: `/${'x'.repeat(128)}` },
      false,
      'request: the name of the service has more than 127 bytes',
    ],
    ['TLS where there is none', { tls: tlsOf() }, false, 'tls: the server does not speak TLS'],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const [found, said] = await verdict(grpc({ port: server.port, ...changes }));
      assert.equal(said.startsWith(reason), true, said);
      assert.equal(found, ok);
    });
  }

  it('without a health service', async () => {
    const without = await startGrpc(null);
    const [ok, reason] = await verdict(grpc({ port: without.port }));
    without.close();
    assert.match(reason, /^response: UNIMPLEMENTED, "/);
    assert.equal(ok, false);
  });

  it('over TLS, verified', { skip: lacks('openssl') }, async () => {
    const secure = await startGrpc({ '': 'SERVING' }, testAuthority().issue({ names: ['grpc.example.com'] }));
    const tls = tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'grpc.example.com' });
    const right = await verdict(grpc({ port: secure.port, tls }));
    const wrong = await verdict(grpc({ port: secure.port, tls: { ...tls, servername: 'other.example' } }));
    secure.close();
    assert.deepEqual(right, [true, 'response: SERVING']);
    assert.match(wrong[1], /^tls: the certificate is for grpc.example.com, not for other.example/);
    assert.equal(wrong[0], false);
  });
});

describe('grpc, by script', () => {
  const sound = { ':status': 200, 'content-type': 'application/grpc' };
  const serving = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
  type Said = (stream: http2.ServerHttp2Stream) => void;
  const says =
    (body: Buffer, status = '0'): Said =>
    (stream) => {
      stream.respond(sound, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': 'a%20word' }));
      stream.end(body);
    };
  const message = (hex: string): Buffer => {
    const content = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    return Buffer.concat([Buffer.from([0, 0, 0, 0, content.length]), content]);
  };
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'y']));
  const headers =
    (count: number, value = 'y'): Said =>
    (stream) => {
      stream.respond({ ...sound, ...many(count), 'x-long': value }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', ...many(count) }));
      stream.end(serving);
    };
  const table: readonly (readonly [string, Said, boolean, RegExp])[] = [
    ['fields behind the status', says(message('08 01 12 02 6869 18 ffff03')), true, /^response: SERVING$/],
    ['fields before it', says(message('1a 00 21 0102030405060708 2d 01020304 08 01')), true, /^response: SERVING$/],
    ['a status twice', says(message('08 01 08 02')), false, /^response: NOT_SERVING$/],
    ['a status in more bytes', says(message('08 81 00')), true, /^response: SERVING$/],
    ['a status that is a text', says(message('0a 01 01')), false, /^response: UNKNOWN$/],
    ['a status that breaks off', says(message('08 81')), false, /^response: no health status: 0881 in hex$/],
    [
      'a text that breaks off',
      says(message('08 01 12 05 68')),
      false,
      /^response: no health status: 0801120568 in hex$/,
    ],
    ['a field of no type', says(message('08 01 0f')), false, /^response: no health status: 08010f in hex$/],
    ['a field without a number', says(message('08 01 00 01')), false, /^response: no health status: 08010001 in hex$/],
    ['150 headers and trailers', headers(150), true, /^response: SERVING$/],
    ['headers of more than 64 KiB', headers(1, 'z'.repeat(70_000)), false, /^response headers: /],
    ['a sound answer', says(serving), true, /^response: SERVING$/],
    ['a status of its own', says(Buffer.from([0, 0, 0, 0, 2, 8, 9])), false, /^response: status 9$/],
    ['an empty message', says(Buffer.alloc(5)), false, /^response: UNKNOWN$/],
    ['an error', says(Buffer.alloc(0), '14'), false, /^response: UNAVAILABLE, "a word"$/],
    ['an error without words for it', says(Buffer.alloc(0), '99'), false, /^response: status 99, "a word"$/],
    ['no message', says(Buffer.alloc(0)), false, /^response: 0 bytes that are not one message$/],
    ['half a message', says(serving.subarray(0, 6)), false, /^response: 6 bytes that are not one message$/],
    [
      'a compressed message',
      says(Buffer.from([1, 0, 0, 0, 2, 8, 1])),
      false,
      /^response: 7 bytes that are not one message$/,
    ],
    ['another message', says(message('10 01')), false, /^response: UNKNOWN$/],
    [
      'no trailers',
      (stream) => {
        stream.respond(sound);
        stream.end(serving);
      },
      false,
      /^response: the answer ends without a status$/,
    ],
    [
      'no gRPC',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.end('hello');
      },
      false,
      /^response headers: the answer is not gRPC$/,
    ],
    [
      'another HTTP status',
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      false,
      /^response headers: status 503$/,
    ],
    [
      'a farewell before the answer',
      (stream) => {
        stream.session?.close();
        says(serving)(stream);
      },
      true,
      /^response: SERVING$/,
    ],
    [
      'a stream that is given up',
      (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
      false,
      /^response headers: the server gives the request up/,
    ],
    [
      'a session that is given up',
      (stream) => stream.session?.destroy(),
      false,
      /^response headers: .*closed by the server/,
    ],
    [
      'a flood',
      (stream) => {
        stream.respond(sound);
        stream.write(Buffer.alloc(200_000));
      },
      false,
      /^response: more than 65536 bytes$/,
    ],
  ];
  for (const [name, answer, ok, reason] of table) {
    it(name, async () => {
      const server = http2.createServer();
      server.on('stream', (stream) => {
        stream.on('error', () => {});
        answer(stream);
      });
      server.on('session', (session) => session.on('error', () => {}));
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const { port } = server.address() as AddressInfo;
      const [found, said] = await verdict(grpc({ port }));
      await new Promise((closed) => server.close(closed));
      assert.match(said, reason);
      assert.equal(found, ok);
    });
  }
});

/** An empty SETTINGS frame, with which a server begins (RFC 9113, section 3.4). */
const settings = Buffer.from('000000040000000000', 'hex');
badServerCases('grpc', grpc(), { first: settings, greeting: 'response headers', next: 'response headers' });
