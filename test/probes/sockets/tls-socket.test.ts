/** HTTPS by OpenSSL itself, with servers that cut, damage or withhold what they say. */

import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { runProbe } from '../../../src/probes/run.js';
import { TlsEngine } from '../../../src/probes/sockets/openssl.js';
import { connectTo } from '../../../src/probes/sockets/tcp-connect.js';
import { TlsSocket } from '../../../src/probes/sockets/tls-socket.js';
import { testCertificate } from '../../helpers/certificate.js';
import { ample, checkOf, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';
import { seeded } from '../../helpers/random.js';
import { listenSecured } from '../../helpers/secured-listener.js';
import { answers, lacksOpenSsl, serveTampered, type Tamper } from '../../helpers/tampered-server.js';

/** Passes on what comes in one direction up to the byte, and then ends as `end` does. */
function upTo(bound: number, end: (to: net.Socket) => void): Tamper {
  let left = bound;
  return (bytes, to) => {
    to.write(bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) end(to);
  };
}

describe('TLS by OpenSSL itself', { skip: lacksOpenSsl }, () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`${version}: whole, and byte by byte`, async (t) => {
      const only = { minVersion: version, maxVersion: version };
      const whole = await serveTampered(t, only, (bytes, to) => to.write(bytes));
      const split = await serveTampered(t, only, (bytes, to) => {
        to.setNoDelay(true);
        for (const byte of bytes) to.write(Buffer.of(byte));
      });
      await withoutLeaks(async () => {
        for (const ask of [whole, split]) {
          const { ok, reason } = await ask();
          assert.deepEqual([ok, reason], [true, 'response: status 200']);
        }
      });
    });

    it(`${version}: cut short after any byte, by its end or by a reset`, async (t) => {
      // As long as the server's part of a handshake is, more or less: it differs by a few bytes.
      let length = 0;
      const only = { minVersion: version, maxVersion: version };
      const measured = await serveTampered(t, only, (bytes, to) => {
        length += bytes.length;
        to.write(bytes);
      });
      assert.equal((await measured()).ok, true);
      let tamper: Tamper = () => {};
      const ask = await serveTampered(t, only, (bytes, to) => tamper(bytes, to));
      const reasons = new Set<string>();
      for (let bound = 1; bound < length - 600; bound += 97) {
        for (const end of [(to: net.Socket) => to.end(), (to: net.Socket) => to.resetAndDestroy()]) {
          tamper = upTo(bound, end);
          const { ok, reason } = await ask();
          assert.equal(ok, false, `after ${bound} bytes: ${reason}`);
          reasons.add(reason);
        }
      }
      for (const reason of reasons)
        assert.match(reason, /^(?:tls|response headers): (?:reset or )?closed by the server/);
    });

    it(`${version}: what finds no room goes out once there is some`, async (t) => {
      const bytes = new Uint8Array(8_000_000);
      const server = await listenSecured(
        (socket) => {
          let left = bytes.length;
          socket.pause();
          setTimeout(() => socket.resume(), 200);
          socket.on('data', (some) => {
            left -= some.length;
            if (left === 0) socket.write('all');
          });
        },
        { ...testCertificate(), minVersion: version, maxVersion: version },
      );
      t.after(() => server.close());
      const signal = AbortSignal.timeout(ample);
      const route = { mark: null, source: null, towards: null };
      const tcp = await connectTo({ address: '127.0.0.1', port: server.port, route }, signal);
      const answered = await new Promise<string>((resolve, failed) => {
        signal.addEventListener('abort', () => failed(signal.reason));
        const secured = (socket: TlsSocket): void => {
          const into = Buffer.alloc(100);
          socket.onEvent = () => {
            const count = socket.receive(into);
            if (count === null) return;
            socket.end();
            resolve(into.toString('latin1', 0, count));
          };
          socket.send(bytes);
        };
        TlsSocket.begin(tcp, '', {}, signal, { secured, failed });
      });
      assert.equal(answered, 'all');
    });

    it(`${version}: with a bit of it turned over`, async (t) => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      const random = seeded(seed);
      let at = 0;
      let tamper: Tamper = () => {};
      // A record that is said to be longer is waited for.
      const ask = await serveTampered(
        t,
        { minVersion: version, maxVersion: version },
        (bytes, to) => tamper(bytes, to),
        {
          changes: { negotiateTimeout: 500 },
        },
      );
      for (let round = 0; round < 60; round += 1) {
        let passed = 0;
        // Within what it says first, which is more than this.
        at = 5 + random(500);
        tamper = (bytes, to) => {
          const index = at - passed;
          passed += bytes.length;
          if (index >= 0 && index < bytes.length) bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << random(8)), index);
          to.write(bytes);
        };
        const { ok, reason } = await ask();
        // The time in its hello concerns nobody, and a certificate is not judged.
        if (ok !== true) assert.match(reason, /^(?:tls|response headers|request): /, `byte ${at}, seed ${seed}`);
      }
    });
  }

  it('what is no TLS, endless or none at all', async () => {
    const cases: readonly (readonly [(socket: net.Socket) => void, RegExp])[] = [
      [(socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /^tls: the server does not speak TLS \(ERR_SSL_/],
      [(socket) => socket.end(), /^tls: reset or closed by the server \(ECONNRESET\)$/],
      [(socket) => socket.resetAndDestroy(), /^(?:connect|tls): reset or closed by the server \(ECONNRESET\)$/],
      [() => {}, /^tls: not done within 0\.5 s$/],
      // Records of a hello that never ends: its length is the most that three bytes can say.
      [
        (socket) => {
          const record = Buffer.alloc(5 + 16_384, 1);
          record.set([22, 3, 3, 64, 0]);
          record.set([2, 255, 255, 255, 3, 3], 5);
          const go = (): void => {
            while (socket.writable && socket.write(record));
          };
          socket.on('drain', go);
          go();
        },
        /^tls: handshake failed \(ERR_SSL_/,
      ],
      // An alert that warns, again and again.
      [
        (socket) => {
          const warning = Buffer.alloc(7 * 1000, Buffer.from([21, 3, 3, 0, 2, 1, 90]));
          const go = (): void => {
            while (socket.writable && socket.write(warning));
          };
          socket.on('drain', go);
          go();
        },
        /^tls: handshake failed \(ERR_SSL_/,
      ],
    ];
    for (const [behave, expected] of cases) {
      await withoutLeaks(async () => {
        const server = await listen(behave);
        try {
          const check = checkOf({ service: 'https', tls: tlsOf(), port: server.port, negotiateTimeout: 500 });
          const { ok, reason } = await runProbe(check, 'negotiate');
          assert.equal(ok, false, reason);
          assert.match(reason, expected);
        } finally {
          await server.close();
        }
      });
    }
  });

  it('a server that wants a certificate is told so', async (t) => {
    for (const [maxVersion, expected] of [
      ['TLSv1.3', /^tls: the server wants a client certificate \(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED\)$/],
      ['TLSv1.2', /^tls: the server refuses the handshake \(ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE\)$/],
    ] as const) {
      const settings = { maxVersion, requestCert: true, rejectUnauthorized: true };
      const ask = await serveTampered(t, settings, (bytes, to) => to.write(bytes));
      const { ok, reason } = await ask();
      assert.equal(ok, false);
      assert.match(reason, expected);
    }
  });

  it('asks for the name, and for none by an address', async (t) => {
    const names: unknown[] = [];
    const server = await listenSecured(answers);
    server.secured.on('secureConnection', ({ servername }) => names.push(servername));
    t.after(() => server.close());
    for (const servername of ['www.example.com', '192.0.2.1', null]) {
      const check = checkOf({ service: 'https', tls: tlsOf({ servername }), port: server.port });
      assert.equal((await runProbe(check, 'negotiate')).ok, true);
    }
    assert.deepEqual(names, ['www.example.com', false, false]);
  });

  it('nothing can be done with what is freed, and the process goes on', () => {
    const engine = new TlsEngine('');
    assert.equal(engine.shake(), false);
    assert.ok((engine.pull()?.length ?? 0) > 0);
    engine.free();
    engine.free();
    for (const use of [
      () => engine.shake(),
      () => engine.pull(),
      () => engine.push(new Uint8Array(1)),
      () => engine.end(),
      () => engine.read(new Uint8Array(1)),
      () => engine.write(new Uint8Array(1)),
      () => engine.isReused,
      () => engine.session(),
    ]) {
      assert.throws(use, { code: 'ECONNABORTED' });
    }
  });
});
