/** The HTTP server: opened at an address with bounds for everything that a client may do, and closed again. */

import { chmod, lstat, unlink } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenAddress } from '../../config/settings/listen-address.js';
import type { Turns } from './turns.js';
import { type Client, headSize, idleBound, Turnstile } from './turnstile.js';

export type Handle = (request: IncomingMessage, response: ServerResponse, client: Client) => void;

/** Connections at once; what comes on top of that is closed. As many as can be read from in one turn of the loop. */
const connections = 256;
const requestsPerConnection = 1_000;
/** Milliseconds for answers under way when the listener closes. */
const grace = 500;
/** Of a Unix socket: who may read the status there. */
const socketMode = 0o660;

export class HttpListener {
  readonly #server: Server;
  readonly #clients: ReadonlySet<Turnstile>;

  private constructor(server: Server, clients: ReadonlySet<Turnstile>) {
    this.#server = server;
    this.#clients = clients;
  }

  /** Rejects with a system error, where the address is taken for instance. */
  static async open(address: ListenAddress, handle: Handle, turns: Turns): Promise<HttpListener> {
    const clients = new Set<Turnstile>();
    const reader = requestReader(handle);
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const client = new Turnstile(socket, turns);
      clients.add(client);
      client.once('close', () => clients.delete(client));
      reader.emit('connection', client);
    });
    // Too many open files, say: those that are connected go on.
    server.on('error', () => {});
    server.maxConnections = connections;
    try {
      if ('path' in address) await listenAtPath(server, address.path);
      else await waitForListening(server, () => server.listen(address.port, address.host));
    } catch (error) {
      server.close();
      throw error;
    }
    return new HttpListener(server, clients);
  }

  /** Takes no one new, lets answers under way end for a moment, then cuts them off. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#clients) client.finish();
    const timer = new AbortController();
    await Promise.race([closed, sleep(grace, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    for (const client of this.#clients) client.destroy();
    await closed;
  }
}

/** Node's HTTP server, which listens nowhere: it is given connections, and makes requests of what comes over them. */
function requestReader(handle: Handle) {
  const reader = createHttpServer({ maxHeaderSize: headSize, keepAliveTimeout: idleBound });
  reader.maxRequestsPerSocket = requestsPerConnection;
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const client = request.socket as Duplex as Turnstile;
    client.begin();
    response.once('close', () => client.release());
    handle(request, response, client);
  };
  // Whatever a client expects first, it gets the answer.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) reader.on(event, take);
  return reader;
}

function waitForListening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}

/** A socket that a killed process has left behind is replaced; one that somebody listens at is not. */
async function listenAtPath(server: Server, path: string): Promise<void> {
  try {
    await waitForListening(server, () => server.listen(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isAbandoned(path))) throw error;
    await unlink(path);
    await waitForListening(server, () => server.listen(path));
  }
  await chmod(path, socketMode);
}

async function isAbandoned(path: string): Promise<boolean> {
  // To connect to an ordinary file is refused as well.
  if (!(await lstat(path)).isSocket()) return false;
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
