/** The HTTP server: opened at an address with bounds for everything that a client may do, and closed again. */

import { chmod, lstat, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenAddress } from '../../config/listen-address.js';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Connections at once; what comes on top of that is closed. */
const connections = 512;
/** Milliseconds. */
const bounds = {
  /** For the head of a request, and for all of it. */
  head: 5_000,
  request: 10_000,
  /** Between two requests, and without a byte either way. */
  keepAlive: 5_000,
  silence: 60_000,
  /** From one look for those who exceed these to the next. */
  look: 1_000,
} as const;
/** Bytes of a request's head. */
const headSize = 8 * 1024;
const requestsPerConnection = 1_000;
/** Milliseconds for answers under way when the listener closes. */
const grace = 500;
/** Of a Unix socket: who may read the status there. */
const socketMode = 0o660;

export class HttpListener {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with a system error, where the address is taken for instance. */
  static async open(address: ListenAddress, handle: Handle): Promise<HttpListener> {
    const server = createServer(
      {
        maxHeaderSize: headSize,
        headersTimeout: bounds.head,
        requestTimeout: bounds.request,
        keepAliveTimeout: bounds.keepAlive,
        connectionsCheckingInterval: bounds.look,
      },
      handle,
    );
    server.maxConnections = connections;
    server.maxRequestsPerSocket = requestsPerConnection;
    server.timeout = bounds.silence;
    try {
      if ('path' in address) await listenAtPath(server, address.path);
      else await listening(server, () => server.listen(address.port, address.host));
    } catch (error) {
      server.close();
      throw error;
    }
    // A client that breaks off has nothing to be told of.
    server.on('error', () => {});
    return new HttpListener(server);
  }

  /** Takes no one new, lets answers under way end for a moment, then cuts them off. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = new AbortController();
    await Promise.race([closed, sleep(grace, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    this.#server.closeAllConnections();
    await closed;
  }
}

function listening(server: Server, listen: () => void): Promise<void> {
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
    await listening(server, () => server.listen(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isAbandoned(path))) throw error;
    await unlink(path);
    await listening(server, () => server.listen(path));
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
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
