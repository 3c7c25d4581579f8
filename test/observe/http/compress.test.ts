import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { bytes } from '../../../src/observe/http/answer.js';
import { Compressed, leastCompressed, takesGzip } from '../../../src/observe/http/compress.js';
import { HttpListener } from '../../../src/observe/http/listener.js';
import type { Route } from '../../../src/observe/http/router.js';
import { handlerFor } from '../../../src/observe/http/server.js';
import { Turns } from '../../../src/observe/http/turns.js';
import { within } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { serverStatus, statusOf, virtualStatus } from '../../helpers/status.js';
import { webSite } from '../../helpers/web-site.js';

/** Head and body of an answer, as they came. */
async function raw(port: number, path: string, accept: string): Promise<{ head: string; body: Buffer }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${accept}\r\nConnection: close\r\n\r\n`);
  const all = await within('an answer', buffer(socket));
  const end = all.indexOf('\r\n\r\n');
  return { head: all.toString('latin1', 0, end), body: all.subarray(end + 4) };
}

test('whoever takes gzip gets it, and the same in it as all others', async (t) => {
  const servers = Array.from({ length: 2000 }, (_, at) => serverStatus({ name: `10.0.${at >> 8}.${at & 255}:80` }));
  const status = statusOf([virtualStatus({ servers })]);
  const { port } = await webSite(t, { describe: async () => status });
  for (const path of ['/metrics', '/api/v1/virtuals/tcp/192.0.2.1:80', '/page/main.js']) {
    const [plain, packed] = await Promise.all([raw(port, path, 'identity'), raw(port, path, 'gzip, deflate')]);
    assert.doesNotMatch(plain.head, /^Content-Encoding/im, path);
    assert.match(packed.head, /^Content-Encoding: gzip\r$/m, path);
    for (const { head, body } of [plain, packed]) {
      assert.match(head, /^Vary: Accept-Encoding\r$/m, path);
      assert.match(head, new RegExp(`^Content-Length: ${body.length}\r$`, 'm'), path);
    }
    assert.deepEqual(gunzipSync(packed.body), plain.body, path);
  }
  assert.ok((await raw(port, '/metrics', 'gzip')).body.length < 200_000, 'a tenth at most');
  assert.doesNotMatch((await raw(port, '/healthz', 'gzip')).head, /^(Content-Encoding|Vary)/im);
});

test('a body is compressed once, one after the other, and not in this thread', async () => {
  const compressed = new Compressed();
  const bodies = [0, 1, 2].map((seed) =>
    Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024, `${seed} of many\n`)),
  );
  const made = bodies.map((body) => compressed.of(body));
  const order: number[] = [];
  for (const [at, one] of made.entries()) void one.then(() => order.push(at));
  for (const [at, body] of bodies.entries()) {
    assert.equal(compressed.of(body), made[at]);
    const whole = gunzipSync(Buffer.concat([...((await made[at]) ?? [])]));
    assert.deepEqual(whole, Buffer.concat(body));
  }
  assert.deepEqual(order, [0, 1, 2]);
});

test('what cannot be compressed just now is sent as it is, and compressed the next time', async (t) => {
  // Zlib has no memory for itself when there is none, which cannot be brought about here: it fails by what it reads.
  let failures = 1;
  class Failing extends Array<Buffer> {
    override [Symbol.iterator](): ArrayIterator<Buffer> {
      failures -= 1;
      if (failures >= 0) throw Object.assign(new Error('no memory'), { code: 'ERR_ZLIB_INITIALIZATION_FAILED' });
      return super[Symbol.iterator]();
    }
  }
  const body = Failing.of(Buffer.alloc(2 * leastCompressed, 'x'));
  const route: Route = {
    method: 'GET',
    path: '/large',
    summary: '',
    type: 'text/plain',
    handle: () => bytes('text/plain', body),
  };
  const port = await freePort();
  const listener = await HttpListener.open({ host: '127.0.0.1', port }, handlerFor([route], true), new Turns());
  t.after(() => listener.close());
  const plain = await raw(port, '/large', 'gzip');
  assert.match(plain.head, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(plain.head, /^Content-Encoding/im);
  assert.deepEqual(plain.body, body[0]);
  const packed = await raw(port, '/large', 'gzip');
  assert.match(packed.head, /^Content-Encoding: gzip\r$/m);
  assert.deepEqual(gunzipSync(packed.body), plain.body);
});

const headers: readonly (readonly [string, boolean])[] = [
  ['', false],
  ['gzip', true],
  ['GZip;q=0.5', true],
  ['deflate, x-gzip', true],
  ['br;q=1, *', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000, *', false],
  ['*;q=0', false],
  ['identity, gzipped', false],
];

for (const [header, takes] of headers) {
  test(`Accept-Encoding: ${header} ${takes ? 'takes' : 'does not take'} gzip`, () => {
    assert.equal(takesGzip(header), takes);
  });
}
