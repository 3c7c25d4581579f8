import assert from 'node:assert/strict';
import { constants, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import { describe, it } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { hasOpenSsl } from '../../../src/probes/sockets/openssl.js';
import { testCertificate } from '../../helpers/certificate.js';
import { checkOf, tlsOf } from '../../helpers/check.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';

interface Server {
  /** Whether each connection resumed a session. */
  readonly resumed: boolean[];
  /** Whether answers are cut short. */
  cut: boolean;
  /** Whether connections that would resume a session are reset. */
  refusesSessions: boolean;
  /** Whether connections are reset that offer nothing newer than TLS 1.2. */
  refusesOlder: boolean;
  /** Whether each connection offered a session, and what is newer. */
  readonly offered: boolean[];
  readonly newer: boolean[];
  /** Whether it forgets before each connection how to resume a session. */
  forgets: boolean;
  requests(): number;
  readonly check: Check;
}

async function withServer(
  changes: Partial<Check>,
  use: (server: Server) => Promise<void>,
  settings: tls.TlsOptions = {},
): Promise<void> {
  let requests = 0;
  const listener = https.createServer({ ...testCertificate(), ...settings }, (request, reply) => {
    requests += 1;
    if (server.cut) request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe');
    else reply.end('hello');
  });
  listener.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => {});
    server.resumed.push(socket.isSessionReused());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const bound = listener.address();
  const behind = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const front = await listen((socket) => {
    socket.once('data', (hello) => {
      const extensions = extensionsOf(hello);
      const [isResuming, isNewer] = [extensions.includes(preSharedKey), extensions.includes(supportedVersions)];
      if (server.forgets) listener.setTicketKeys(randomBytes(48));
      server.offered.push(isResuming);
      server.newer.push(isNewer);
      if ((server.refusesSessions && isResuming) || (server.refusesOlder && !isNewer)) {
        socket.resetAndDestroy();
        return;
      }
      const onwards = net.connect(behind, '127.0.0.1');
      onwards.on('error', () => {}).on('close', () => socket.destroy());
      socket.on('close', () => onwards.destroy());
      onwards.write(hello);
      socket.pipe(onwards).pipe(socket);
    });
  });
  const check = checkOf({ service: 'https', tls: tlsOf(), port: front.port, ...changes });
  const state = { cut: false, refusesSessions: false, refusesOlder: false, forgets: false };
  const server: Server = { resumed: [], offered: [], newer: [], ...state, requests: () => requests, check };
  try {
    await use(server);
  } finally {
    await front.close();
    listener.closeAllConnections();
    listener.close();
    await once(listener, 'close');
  }
}

/** RFC 8446, section 4.2. Who speaks nothing newer than TLS 1.2 has no need of the second one. */
const preSharedKey = 41;
const supportedVersions = 43;

/** What a ClientHello has (RFC 8446, section 4.1.2). */
function extensionsOf(hello: Buffer): number[] {
  const afterRandom = 5 + 4 + 2 + 32;
  const suites = afterRandom + 1 + hello.readUInt8(afterRandom);
  const methods = suites + 2 + hello.readUInt16BE(suites);
  let at = methods + 1 + hello.readUInt8(methods) + 2;
  const found: number[] = [];
  while (at + 4 <= hello.length) {
    found.push(hello.readUInt16BE(at));
    at += 4 + hello.readUInt16BE(at + 2);
  }
  return found;
}

async function times(count: number, { check }: Server): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const { ok, reason } = await runProbe(check, 'negotiate');
    assert.equal(ok, true, reason);
  }
}

describe('TLS sessions', { skip: lacks('openssl') }, () => {
  it('are resumed by the checks of one server, and not for ever', async () => {
    await withServer({}, async (server) => {
      await times(22, server);
      assert.deepEqual(server.resumed, [false, ...Array<boolean>(19).fill(true), false, true]);
    });
  });

  it('end with a failure, and are not to blame for what comes after the handshake', async () => {
    await withServer({}, async (server) => {
      await times(2, server);
      server.cut = true;
      const { ok, reason } = await runProbe(server.check, 'negotiate');
      assert.equal(reason, 'response body: closed by the server, 3 bytes short of its Content-Length');
      assert.equal(ok, false);
      assert.equal(server.requests(), 3);
      server.cut = false;
      await times(2, server);
      assert.deepEqual(server.resumed, [false, true, true, false, true]);
    });
  });

  it('that spoil the handshake are tried without', async () => {
    await withServer({}, async (server) => {
      await times(2, server);
      server.refusesSessions = true;
      await times(1, server);
      assert.deepEqual(server.resumed, [false, true, false]);
    });
  });

  it('are offered now and then to a server that does not resume them', async () => {
    await withServer({}, async (server) => {
      server.forgets = true;
      await times(23, server);
      assert.deepEqual(server.offered, [false, true, ...Array<boolean>(20).fill(false), true]);
      server.forgets = false;
      await times(1, server);
      assert.deepEqual([server.offered.at(-1), server.resumed.some((resumed) => resumed)], [false, false]);
    });
  });

  it('are none of other services', async () => {
    const resumed: boolean[] = [];
    const imap = tls.createServer(testCertificate(), (socket) => {
      socket.on('error', () => {});
      resumed.push(socket.isSessionReused());
      socket.write('* OK\r\n');
      socket.on('data', (said) => {
        const [tag] = String(said).split(' ');
        socket.write(`* CAPABILITY IMAP4rev1\r\n${tag} OK\r\n`);
      });
    });
    imap.listen(0, '127.0.0.1');
    await once(imap, 'listening');
    try {
      const bound = imap.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      const check = checkOf({ service: 'imaps', tls: tlsOf(), port });
      for (const _ of [1, 2, 3]) {
        const { ok, reason } = await runProbe(check, 'negotiate');
        assert.equal(ok, true, reason);
      }
      assert.deepEqual(resumed, [false, false, false]);
    } finally {
      imap.close();
      await once(imap, 'close');
    }
  });

  it('are none where days of validity are asked for', async () => {
    await withServer({ tls: tlsOf({ minDays: 1 }) }, async (server) => {
      await times(3, server);
      assert.deepEqual(server.resumed, [false, false, false]);
    });
  });

  it('TLS 1.2 that a server has chosen is asked for at once, and what is newer offered now and then', async (t) => {
    if (!hasOpenSsl()) return t.skip('this Node keeps OpenSSL to itself');
    const older: tls.TlsOptions = { maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET };
    await withServer(
      {},
      async (server) => {
        await times(22, server);
        assert.deepEqual(server.newer, [true, ...Array<boolean>(19).fill(false), true, false]);
        // It has been set up anew meanwhile: whoever asks for the older one alone is refused, and asks for all.
        server.refusesOlder = true;
        server.newer.length = 0;
        await times(1, server);
        assert.deepEqual(server.newer, [false, true]);
        server.refusesOlder = false;
        server.cut = true;
        server.newer.length = 0;
        assert.equal((await runProbe(server.check, 'negotiate')).ok, false);
        server.cut = false;
        await times(2, server);
        assert.deepEqual(server.newer, [false, true, false]);
      },
      older,
    );
  });

  it('a server that chooses TLS 1.3 is offered it each time', async () => {
    await withServer({}, async (server) => {
      await times(3, server);
      assert.deepEqual(server.newer, [true, true, true]);
    });
  });
});
