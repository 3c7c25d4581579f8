/** HTTPS by OpenSSL itself: records of TLS and segments of TCP are none of HTTP's business, however they fall. */

import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type tls from 'node:tls';
import type { Check } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { checkOf, receive } from '../../helpers/check.js';
import type { Behaviour } from '../../helpers/listener.js';
import { type Random, seeded } from '../../helpers/random.js';
import { type Ask, answer, lacksOpenSsl, serveTampered, type Tamper } from '../../helpers/tampered-server.js';

const kept = { ...checkOf({}).http, keepAlive: true };

/** Says one piece after another, each in a record of its own, and then calls `done`. */
function sayInRecords(socket: net.Socket, pieces: readonly string[], done: () => void): void {
  const rest = [...pieces];
  const next = (): void => {
    const piece = rest.shift();
    // What is said before the last piece has gone would stand in one record with it.
    if (piece !== undefined) socket.write(piece, () => setImmediate(next));
    else done();
  };
  next();
}

/** Says its pieces in as many records, which come to the client at once. */
function serveAtOnce(
  t: TestContext,
  settings: tls.TlsOptions,
  pieces: readonly string[],
  changes: Partial<Check>,
): Promise<Ask> {
  let held: Buffer[] | null = null;
  let pass = (): void => {};
  const behave: Behaviour = (socket) => {
    socket.once('data', () => {
      held = [];
      sayInRecords(socket, pieces, () => setTimeout(() => pass(), 50));
    });
  };
  const tamper: Tamper = (bytes, to) => {
    if (held === null) to.write(bytes);
    else held.push(bytes);
    pass = () => {
      to.write(Buffer.concat(held ?? []));
      held = null;
    };
  };
  return serveTampered(t, settings, tamper, { behave, changes });
}

/** In pieces of 1 to `longest` characters. */
function cut(text: string, longest: number, random: Random): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + random(longest);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

/** An answer with this body, in one of the ways in which HTTP/1.1 says how long that is. */
function answerWith(body: string, random: Random): { text: string; closes: boolean } {
  const head = 'HTTP/1.1 200 OK\r\n';
  const way = random(3);
  if (way === 0) return { text: `${head}Content-Length: ${body.length}\r\n\r\n${body}`, closes: false };
  if (way === 1) return { text: `${head}\r\n${body}`, closes: true };
  const chunks = cut(body, 3000, random).map((one) => `${one.length.toString(16)}\r\n${one}\r\n`);
  return { text: `${head}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`, closes: false };
}

describe('an answer under TLS', { skip: lacksOpenSsl }, () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`${version}: in many records that come at once`, async (t) => {
      const parts = Array.from({ length: 300 }, (_, index) => String(index % 10));
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${parts.length}\r\n\r\n`;
      const only = { minVersion: version, maxVersion: version };
      const ask = await serveAtOnce(t, only, [head, ...parts], { receive: receive('^(?:0123456789){30}$') });
      const { ok, reason } = await ask();
      assert.deepEqual([ok, reason], [true, 'response: status 200, the body matches']);
    });

    it(`${version}: in whatever records and segments, whichever end it has`, async (t) => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      const random = seeded(seed);
      let [pieces, closes]: [string[], boolean] = [[], false];
      const behave: Behaviour = (socket) => {
        socket.once('data', () => sayInRecords(socket, pieces, () => void (closes && socket.end())));
      };
      const tamper: Tamper = (bytes, to) => {
        // What has come meanwhile goes with it.
        to.cork();
        to.write(bytes);
        setTimeout(() => to.uncork(), random(4));
      };
      const ask = await serveTampered(t, { minVersion: version, maxVersion: version }, tamper, { behave });
      for (let round = 0; round < 40; round += 1) {
        const body = String(random(2 ** 31)).repeat(1 + random(2000));
        const { text, closes: ends } = answerWith(body, random);
        [pieces, closes] = [cut(text, 8 + random(text.length), random), ends];
        const { ok, reason } = await ask({ receive: receive(`^${body}$`) });
        assert.equal(ok, true, `round ${round}, seed ${seed}: ${reason}`);
      }
    });

    it(`${version}: what comes unasked with an answer is none to what is asked next`, async (t) => {
      const pieces = [answer, 'HTTP/1.1 503 Too Late\r\nContent-Length: 0\r\n\r\n'];
      const ask = await serveAtOnce(t, { minVersion: version, maxVersion: version }, pieces, { http: kept });
      t.after(releaseKept);
      for (let times = 0; times < 3; times += 1) {
        const { ok, reason } = await ask();
        assert.deepEqual([ok, reason], [true, 'response: status 200']);
      }
    });
  }
});
