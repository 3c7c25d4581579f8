import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Check } from '../../../src/probes/probe.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { response, says } from '../../helpers/bad-servers.js';
import { type Certificate, pemOf, testAuthority } from '../../helpers/certificate.js';
import { checkOf, receive, tlsOf } from '../../helpers/check.js';
import { type Behaviour, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { verdict } from '../../helpers/verdict.js';

const websocket = (changes: Partial<Check> = {}) => checkOf({ service: 'websocket', ...changes });
const { http: plain } = checkOf({});

interface EchoServer {
  readonly port: number;
  /** Who has asked for what, and how each was left. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** Sends back what it gets, as `/echo`; says things unasked, as `/news`; lets nobody in elsewhere. */
async function startEcho(certificate?: Certificate): Promise<EchoServer> {
  const seen: string[] = [];
  const server = certificate ? https.createServer(certificate) : http.createServer();
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }, done) =>
      done(req.headers.authorization !== undefined || /^\/(echo|news)/.test(req.url ?? ''), 403),
  });
  sockets.on('connection', (socket: WebSocket, request) => {
    seen.push(`${request.headers.host?.replace(/:\d+$/, '')} ${request.url} ${socket.protocol}`.trim());
    socket.on('error', () => {});
    socket.on('close', (code) => seen.push(`close ${code}`));
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    // At once, so that they come with the end of the handshake.
    if (request.url === '/news') for (const word of ['one', 'two', 'three']) socket.send(word);
    if (request.url === '/news/bytes') socket.send(Buffer.from([0, 0xe9, 0xff]));
    if (request.url === '/news/long') socket.send('x'.repeat(2 * 1024 * 1024));
    if (request.url === '/news/much') for (let n = 0; n < 150; n += 1) socket.send('more');
    if (request.url === '/news/close') socket.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((closed) => server.close(closed));
    },
  };
}

describe('websocket', () => {
  let server: EchoServer;
  before(async () => {
    server = await startEcho();
  });
  after(() => server.close());

  const basic: Partial<Check> = { login: 'monitor', passwd: 'hunter2', http: { ...plain, auth: 'basic' } };
  const table: readonly (readonly [string, Partial<Check>, boolean, string | RegExp])[] = [
    ['up', { request: '/echo' }, true, 'response headers: status 101'],
    ['turned away', {}, false, 'response headers: status 403'],
    ['a login', basic, true, 'response headers: status 101'],
    ['an answer', { request: '/echo ping' }, true, 'response: a message of 4 bytes'],
    [
      'the answer',
      { request: '/echo ping', receive: receive('^ping$') },
      true,
      'response: a message of 4 bytes matches',
    ],
    [
      'one message of several',
      { request: '/news', receive: receive('three') },
      true,
      'response: a message of 5 bytes matches',
    ],
    ['bytes', { request: '/news/bytes', receive: receive('\\xe9') }, true, 'response: a message of 3 bytes matches'],
    [
      'too long a message',
      { request: '/news/long', receive: receive('x') },
      false,
      /^response: not WebSocket \(WS_ERR_UNSUPPORTED_MESSAGE_LENGTH\)$/,
    ],
    [
      'too many messages',
      { request: '/news/much', receive: receive('x') },
      false,
      'response: no match for "x" in 100 messages, last "more"',
    ],
    [
      'closes without a message',
      { request: '/news/close', receive: receive('x') },
      false,
      'response: closed by the server',
    ],
    ['a host that is none', { virtualhost: 'a\nb' }, false, /^request: .*ERR_INVALID_CHAR/],
    ['TLS where there is none', { tls: tlsOf() }, false, /^tls: the server does not speak TLS/],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const [found, said] = await verdict(websocket({ port: server.port, ...changes }));
      if (typeof reason === 'string') assert.equal(said, reason);
      else assert.match(said, reason);
      assert.equal(found, ok);
    });
  }

  it('a protocol within, which the server takes', async () => {
    const headers = [{ name: 'Sec-WebSocket-Protocol', value: 'chat, mqtt' }];
    const check = websocket({ port: server.port, request: '/echo', http: { ...plain, headers } });
    assert.deepEqual(await verdict(check), [true, 'response headers: status 101']);
    assert.ok(server.seen.includes('127.0.0.1 /echo chat'), server.seen.join());
  });

  it('another answer, until the deadline', async () => {
    const check = websocket({
      port: server.port,
      request: '/echo ping',
      receive: receive('pong'),
      negotiateTimeout: 1000,
    });
    assert.deepEqual(await verdict(check), [false, 'response: no match for "pong" in 1 messages, last "ping"']);
  });

  it('names the virtual host, and says farewell', async () => {
    server.seen.length = 0;
    await verdict(websocket({ port: server.port, request: '/echo?a=b#c', virtualhost: 'ws.example.com' }));
    assert.deepEqual(server.seen, ['ws.example.com /echo?a=b%23c', 'close 1005']);
  });

  it('over TLS, verified', { skip: lacks('openssl') }, async () => {
    const secure = await startEcho(testAuthority().issue({ names: ['ws.example.com'] }));
    const tls = tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'ws.example.com' });
    const right = await verdict(websocket({ port: secure.port, request: '/echo ping', tls }));
    const wrong = await verdict(websocket({ port: secure.port, tls: { ...tls, servername: 'other.example' } }));
    await secure.close();
    assert.deepEqual(right, [true, 'response: a message of 4 bytes']);
    assert.match(wrong[1], /^tls: the certificate is for ws.example.com, not for other.example/);
    assert.equal(wrong[0], false);
  });
});

describe('websocket, by script', () => {
  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n';
  const table: readonly (readonly [string, Behaviour, RegExp])[] = [
    ['a plain web server', response('200 OK', 'hello'), /^response headers: status 200$/],
    ['a redirect', response('302 Found', '', ['Location: /echo']), /^response headers: status 302$/],
    ['a wrong digest', says(`${upgrade}Sec-WebSocket-Accept: x\r\n\r\n`), /^response headers: .*Sec-WebSocket-Accept/],
    [
      'another upgrade',
      says('HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'),
      /^response headers: .*Upgrade/,
    ],
  ];
  for (const [name, behave, reason] of table) {
    it(name, async () => {
      const server = await listen(behave);
      const [ok, said] = await verdict(websocket({ port: server.port }));
      await server.close();
      assert.match(said, reason);
      assert.equal(ok, false);
    });
  }
});

badServerCases('websocket', websocket(), {
  first: 'HTTP/1.1 101 Switching Protocols\r\n',
  greeting: 'response headers',
  next: 'response headers',
});
