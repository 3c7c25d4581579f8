/** What both are asked: a server, the lines that tell how it is to be checked, and how often. */

import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { type Certificate, testAuthority } from '../helpers/certificate.js';
import { freePort } from '../helpers/free-port.js';
import { type Behaviour, listen } from '../helpers/listener.js';

/** What is checked: a port of 127.0.0.1. */
export interface Place {
  readonly port: number;
  close(): unknown;
}

export interface Question {
  /** `SERVICE: CASE`, or another kind of check in place of the service. */
  readonly name: string;
  /** Each of the two is given a server of its own, which behaves the same. */
  readonly server: () => Promise<Place>;
  /** Of the virtual service; HERE and PORT stand for the address and the port of the server. */
  readonly lines: readonly string[];
  readonly protocol?: 'tcp' | 'udp';
  /** Behind the address of the real server, as its own request. */
  readonly ofReal?: string;
  /** Checks in a row; one where nothing is said. */
  readonly rounds?: number;
  /** A module of Perl that the reference needs for it and that is not part of its package's dependencies. */
  readonly needs?: string;
  /** Seconds for the reference, where it is known to hang. */
  readonly patience?: number;
}

/** Questions to a real server. */
export interface Farm {
  readonly name: string;
  /** Why its questions cannot be asked here; false where they can. */
  readonly missing: string | false;
  /** What it starts ends with the test. */
  start(t: TestContext): Promise<readonly Question[]>;
}

/** Ends the server with the test. */
export async function owned<T extends Place>(t: TestContext, starting: Promise<T>): Promise<T> {
  const server = await starting;
  t.after(async () => {
    await server.close();
  });
  return server;
}

/** A server that others look after. */
export function at(port: number): () => Promise<Place> {
  return async () => ({ port, close: () => {} });
}

export function scripted(behave: Behaviour): () => Promise<Place> {
  return () => listen(behave);
}

/** Nobody. */
export async function nobody(): Promise<Place> {
  return { port: await freePort(), close: () => {} };
}

let issued: Certificate | undefined;

function believed(): Certificate {
  issued ??= testAuthority().issue({ names: ['127.0.0.1'] });
  return issued;
}

/** The same behaviour within TLS, with a certificate from the authority that the reference believes in. */
export function secure(behave: Behaviour, { cert, key } = believed()): () => Promise<Place> {
  return async () => {
    const secured = tls.createServer({ cert, key }, (socket) => {
      socket.on('error', () => {});
      behave(socket);
      socket.resume();
    });
    secured.on('tlsClientError', () => {});
    return await listen((socket) => secured.emit('connection', socket));
  };
}

export const noise = Buffer.concat([Buffer.from([0x00, 0xff]), randomBytes(512), Buffer.from('\r\n')]);

/**
 * What every service over TCP can meet; `first` is what a sound server says first. So many seconds the reference may
 * take for one that is silent.
 */
export function badServers(
  service: string,
  lines: readonly string[],
  first: string | Buffer,
  patience = 30,
): Question[] {
  const behaviours: Readonly<Record<string, Behaviour>> = {
    'closes at once': (socket) => void socket.end(),
    'closes halfway': (socket) => {
      if (first === '') socket.once('data', () => socket.end());
      else socket.end(first);
    },
    'resets at once': (socket) => void socket.resetAndDestroy(),
    garbage: (socket) => void socket.end(noise),
    'another protocol': (socket) => void socket.end('hello, who are you?\r\n'),
  };
  return [
    { name: `${service}: refused`, server: nobody, lines },
    ...Object.entries(behaviours).map(([name, behave]) => ({
      name: `${service}: ${name}`,
      server: scripted(behave),
      lines,
    })),
    { name: `${service}: silent`, server: scripted(() => {}), lines: [...lines, 'negotiatetimeout=1'], patience },
  ];
}

/** A connection that answers each text in turn, whatever it is; several pieces go one after another. */
export function dialogue(greeting: string | Buffer, ...answers: readonly (string | Buffer)[]): Behaviour {
  return (socket) => {
    const rest = [...answers];
    if (greeting.length > 0) socket.write(greeting);
    socket.on('data', () => {
      const next = rest.shift();
      if (next !== undefined) socket.write(next);
    });
  };
}
