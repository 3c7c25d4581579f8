/** What surrounds the daemon under test: servers that are well, one that dies on demand, a mail relay, a name server. */

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createWebServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { testCertificate } from '../helpers/certificate.js';
import { listening } from '../helpers/listener.js';
import { startTcpServer } from '../helpers/tcp-server.js';

export async function startWeb(t: TestContext): Promise<number> {
  return listening(
    t,
    createWebServer((_, response) => response.end('well\n')),
  );
}

/** Milliseconds: of a second between two checks, so that one of them is nearly always under way. */
const slowAnswer = 800;

export async function startSlowWeb(t: TestContext): Promise<number> {
  const answer = (_: unknown, response: ServerResponse): void => void response.end('well, in the end\n');
  return listening(
    t,
    createWebServer((request, response) => void setTimeout(answer, slowAnswer, request, response)),
  );
}

export async function startSecureWeb(t: TestContext): Promise<number> {
  return listening(
    t,
    createTlsServer(testCertificate(), (_, response) => response.end('well\n')),
  );
}

/** A mail server for checks, which talk to it through Node's sockets. */
export async function startMailbox(t: TestContext): Promise<number> {
  const server = await startTcpServer((socket) => converse(socket, 'well'));
  t.after(() => server.close());
  return server.port;
}

export interface Mortal {
  readonly port: number;
  die(): void;
  revive(): void;
}

/** Answers 503 while it is dead: that is the same on every machine, however slow. */
export async function startMortal(t: TestContext): Promise<Mortal> {
  let status = 200;
  const port = await listening(
    t,
    createWebServer((_, response) => {
      response.statusCode = status;
      response.end('mortal\n');
    }),
  );
  return {
    port,
    die: () => {
      status = 503;
    },
    revive: () => {
      status = 200;
    },
  };
}

export type RelayMood = 'well' | 'reset' | 'reset-soon' | 'silent' | 'close' | 'greylist' | 'garbage';

export interface Relay {
  readonly port: number;
  mood: RelayMood;
  /** Connections so far. */
  readonly met: number;
}

/** A mail relay with moods. */
export async function startRelay(t: TestContext): Promise<Relay> {
  let met = 0;
  const relay = { mood: 'well' as RelayMood };
  const server = await startTcpServer((socket) => {
    met += 1;
    converse(socket, relay.mood);
  });
  t.after(() => server.close());
  return {
    port: server.port,
    get met() {
      return met;
    },
    get mood() {
      return relay.mood;
    },
    set mood(mood) {
      relay.mood = mood;
    },
  };
}

function converse(socket: Socket, mood: RelayMood): void {
  if (mood === 'reset') return void socket.resetAndDestroy();
  if (mood === 'reset-soon') return void setTimeout(() => socket.resetAndDestroy(), 5);
  if (mood === 'close') return void socket.end();
  if (mood === 'silent') return;
  if (mood === 'garbage') return void socket.write(`${'\u0000\uffff'.repeat(5_000)}\r\n`);
  socket.write('220 relay\r\n');
  let inData = false;
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (inData) {
        if (line !== '.') continue;
        inData = false;
      }
      if (/^DATA/i.test(line)) inData = true;
      socket.write(
        inData ? '354 go on\r\n' : mood === 'greylist' && /^RCPT/i.test(line) ? '450 later\r\n' : '250 done\r\n',
      );
      if (/^QUIT/i.test(line)) socket.end();
    }
  });
}

export type NameMood = 'well' | 'silent' | 'failing' | 'slow';

export interface NameServer {
  mood: NameMood;
}

/** Milliseconds; longer than a name server may take in good times, shorter than the resolver's patience. */
const slowness = 800;

/** A name server at 127.0.0.1:53 for which every name is 127.0.0.1. */
export async function startNameServer(t: TestContext): Promise<NameServer> {
  const server: NameServer = { mood: 'well' };
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.on('message', (query, peer) => {
    if (server.mood === 'silent') return;
    const answer = answerTo(query, server.mood === 'failing');
    const send = ({ port, address }: RemoteInfo): void => socket.send(answer, port, address, () => {});
    if (server.mood === 'slow') setTimeout(send, slowness, peer);
    else send(peer);
  });
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => void socket.close());
  return server;
}

/** RFC 1035 4.1: the header, the question as it came, and for a question of type A one record. */
function answerTo(query: Buffer, fails: boolean): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const question = query.subarray(12, end);
  const isA = question.readUInt16BE(question.length - 4) === 1;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(fails ? 0x8182 : 0x8180, 2);
  header.writeUInt16BE(fails || !isA ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  if (fails || !isA) return Buffer.concat([header, question]);
  // The name of the question, type A, class IN, no time to live, four bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([header, question, record]);
}
