import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import type { TlsOptions } from '../../../src/probes/probe.js';
import { withConnection } from '../../../src/probes/sockets/dial.js';
import { type Certificate, pemOf, testAuthority, testCertificate } from '../../helpers/certificate.js';
import { direct, tlsOf } from '../../helpers/check.js';
import { within } from '../../helpers/deadline.js';
import { lacks } from '../../helpers/programs.js';

const skip = lacks('openssl');

/** Makes a TLS connection to a server with this certificate and says how that went. */
async function dial(certificate: Certificate, options: TlsOptions, settings: tls.TlsOptions = {}): Promise<string> {
  const server = tls.createServer({ ...certificate, ...settings }, (socket) => {
    socket.on('error', () => {});
    socket.write('hello');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  try {
    const target = { address: '127.0.0.1', port, route: direct, tls: options };
    return await withConnection(target, new AbortController().signal, async ({ socket }) => {
      const [data] = await once(socket, 'data');
      return String(data);
    });
  } catch (error) {
    return error instanceof Error ? `${error.message}${'code' in error ? ` ${error.code}` : ''}` : String(error);
  } finally {
    server.close();
    await once(server, 'close');
  }
}

describe('TLS', { skip }, () => {
  const issue = (days: number, name = 'www.example.com') => testAuthority().issue({ names: [name], days });
  const verified = () => tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'www.example.com' });

  it('takes any certificate where none is verified', async () => {
    assert.equal(await dial(testCertificate(), tlsOf()), 'hello');
    assert.equal(await dial(issue(-3), tlsOf({ servername: 'other.example' })), 'hello');
  });

  it('verifies authority, dates and name', async () => {
    assert.equal(await dial(issue(30), verified()), 'hello');
    const nameless = { ...verified(), servername: null };
    assert.equal(await dial(issue(30), nameless), 'hello', 'without a name, none is checked');
    assert.match(
      await dial(issue(30, 'other.example'), verified()),
      /^tls: the certificate is for other\.example, not/,
    );
    assert.match(await dial(issue(-3), verified()), /^tls: the certificate expired on \d{4}-\d\d-\d\d \(CERT_HAS_/);
    const system = { ...verified(), ca: null };
    assert.match(await dial(issue(30), system), /^tls: the certificate is from an unknown authority \(/);
    assert.match(await dial(testCertificate(), verified()), /^tls: the certificate is self-signed \(/);
  });

  it('verifies an address, which is not asked for', async () => {
    const asked: unknown[] = [];
    const settings: tls.TlsOptions = {
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    };
    for (const address of ['192.0.2.1', '2001:db8::1']) {
      const wanted = { ...verified(), servername: address };
      assert.equal(await dial(issue(30, address), wanted, settings), 'hello');
      assert.match(await dial(issue(30), wanted, settings), /^tls: the certificate is for www\.example\.com, not for /);
      assert.match(await dial(issue(30, '192.0.2.9'), wanted, settings), /^tls: the certificate is for IP Address:/);
    }
    assert.deepEqual(asked, []);
  });

  it('asks for days that are left', async () => {
    assert.equal(await dial(issue(30), tlsOf({ minDays: 14 })), 'hello');
    assert.match(await dial(issue(3), tlsOf({ minDays: 14 })), /^tls: .* valid for 3 more days, until .*; 14 days are/);
    assert.match(await dial(issue(-3), tlsOf({ minDays: 14 })), /^tls: the certificate expired on /);
  });

  it('shows its own certificate to a server that wants one', async () => {
    const own = testAuthority().issue({ names: ['monitor.example'] });
    const client = { cert: pemOf(own.cert), key: pemOf(own.key) };
    const settings = { requestCert: true, rejectUnauthorized: true, ca: testAuthority().cert };
    assert.equal(await dial(issue(30), tlsOf({ client }), settings), 'hello');
    assert.match(await dial(issue(30), tlsOf(), { ...settings, maxVersion: 'TLSv1.2' }), /^tls: /);
  });

  it('is ended also where the server has said its last word and closes', async () => {
    const sockets: tls.TLSSocket[] = [];
    const server = tls.createServer(testCertificate(), (socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.end('hello');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = { address: '127.0.0.1', port, route: direct, tls: tlsOf() };
    try {
      // Each time another part of the end is under way, as far as that is up to this side.
      for (const last of ['data', 'end'] as const) {
        for (const turns of [0, 1, 2, 3]) {
          const ended = withConnection(target, new AbortController().signal, async ({ socket }) => {
            socket.on('data', () => socket.write('farewell'));
            await once(socket, last);
            for (let turn = 0; turn < turns; turn += 1) await setImmediate();
            return 'ended';
          });
          assert.equal(await within('the end of the connection', ended), 'ended');
        }
      }
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it('names a server that refuses the handshake', async () => {
    const old = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } as const;
    assert.match(await dial(issue(30), tlsOf(), old), /^tls: the server refuses the handshake \(ERR_SSL_/);
  });
});
