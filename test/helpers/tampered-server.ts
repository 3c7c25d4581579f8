/** HTTPS servers with somebody before them who does something to what they say. */

import net from 'node:net';
import type { TestContext } from 'node:test';
import type tls from 'node:tls';
import type { Check, ProbeAnswer } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { hasOpenSsl } from '../../src/probes/sockets/openssl.js';
import { testCertificate } from './certificate.js';
import { checkOf, tlsOf } from './check.js';
import { type Behaviour, listen } from './listener.js';
import { lacks } from './programs.js';
import { listenSecured } from './secured-listener.js';

/** Why no check by OpenSSL itself can be tried here; false where one can. */
export const lacksOpenSsl = lacks('openssl') || (hasOpenSsl() ? false : 'this Node keeps OpenSSL to itself');

export const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

export function answers(socket: net.Socket): void {
  socket.once('data', () => socket.write(answer));
}

export type Tamper = (bytes: Buffer, to: net.Socket) => void;

export type Ask = (more?: Partial<Check>) => Promise<ProbeAnswer>;

interface Served {
  readonly behave?: Behaviour;
  readonly changes?: Partial<Check>;
}

/** A server, and before it somebody who does something to what it says. Gives what is to be asked. */
export async function serveTampered(
  t: TestContext,
  settings: tls.TlsOptions,
  tamper: Tamper,
  { behave = answers, changes = {} }: Served = {},
): Promise<Ask> {
  const behind = await listenSecured(behave, { ...testCertificate(), ...settings });
  const front = await listen((socket) => {
    const onwards = net.connect(behind.port, '127.0.0.1');
    onwards.on('error', () => {}).on('close', () => socket.end());
    onwards.on('data', (bytes) => tamper(bytes, socket));
    socket.on('close', () => onwards.destroy()).pipe(onwards);
  });
  t.after(async () => {
    await front.close();
    await behind.close();
  });
  const check = checkOf({ service: 'https', tls: tlsOf(), port: front.port, ...changes });
  return (more) => runProbe(more === undefined ? check : { ...check, ...more }, 'negotiate');
}
