/** The control socket: who connects, how many, and until when. */

import { chmod, chown, lstat, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { type ConnectionBounds, ControlConnection, type Handler } from './connection.js';
import { ControlError } from './protocol.js';

export interface ServerOptions {
  readonly path: string;
  readonly handle: Handler;
  readonly bounds?: ConnectionBounds;
  /** Connections at most: from then on one that waits goes for one that comes. */
  readonly connections?: number;
}

const defaultConnections = 128;
/** Bytes of a path that the kernel takes: see unix(7). */
const longestPath = 107;
/** Milliseconds for one that listens on the socket to take a connection. */
const knockDeadline = 1_000;

export class ControlServer {
  readonly #server: Server;
  readonly #options: ServerOptions;
  readonly #connections = new Map<Socket, ControlConnection>();
  #group: number | null = null;

  private constructor(server: Server, options: ServerOptions) {
    this.#server = server;
    this.#options = options;
    server.on('connection', (socket) => this.#take(socket));
  }

  /**
   * Listens, in the place of a socket that nobody listens on any more, to this process' user alone. Rejects where
   * another process listens there, or the socket cannot be made.
   */
  static async open(options: ServerOptions): Promise<ControlServer> {
    const { path } = options;
    if (Buffer.byteLength(path) > longestPath) throw new Error(`${path}: longer than ${longestPath} bytes`);
    await removeStale(path);
    const server = createServer({ allowHalfOpen: true });
    // Too many open files, say: those that are connected go on.
    server.on('error', () => {});
    try {
      await listen(server, path);
    } catch (error) {
      server.close();
      throw error;
    }
    return new ControlServer(server, options);
  }

  /**
   * Lets this group's members connect as well, and nobody else's: whoever is connected goes within `patience`
   * milliseconds where another group's members could be among them. Rejects where this process may not give the
   * socket to the group; then it is the user's alone.
   */
  async share(group: number | null, patience = 0): Promise<void> {
    const { path } = this.#options;
    if (this.#group !== null && this.#group !== group) {
      this.#group = null;
      await chmod(path, 0o600);
      this.#finish(patience);
    }
    if (group === null) return;
    if ((await lstat(path)).gid !== group) await chown(path, -1, group);
    await chmod(path, 0o660);
    this.#group = group;
  }

  /**
   * Takes the socket away, and ends all connections within `patience` milliseconds: until then what is being carried
   * out can be answered. Never rejects; can be called again.
   */
  async close(patience = 0): Promise<void> {
    // Closing takes the path away, too.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const late = this.#finish(patience);
    await closed;
    clearTimeout(late);
  }

  /** Ends those who are connected now; until then what is being carried out can be answered. */
  #finish(patience: number): NodeJS.Timeout {
    const connections = [...this.#connections.values()];
    if (patience > 0) for (const connection of connections) connection.finish();
    const late = setTimeout(() => {
      for (const connection of connections) {
        connection.end(new ControlError('stopping', 'the daemon stops, or its control socket does'));
      }
    }, patience);
    return late.unref();
  }

  #take(socket: Socket): void {
    const { handle, bounds, connections = defaultConnections } = this.#options;
    const connection = new ControlConnection(socket, handle, bounds);
    const busy = new ControlError('busy', `more than ${connections} connections`);
    if (this.#connections.size >= connections) {
      const waiting = [...this.#connections].find(([, { isIdle }]) => isIdle);
      if (waiting === undefined) {
        connection.end(busy);
        return;
      }
      const [oldest, its] = waiting;
      this.#connections.delete(oldest);
      its.end(busy);
    }
    this.#connections.set(socket, connection);
    socket.on('close', () => this.#connections.delete(socket));
  }
}

/** The mask holds while the kernel makes the socket, which `listen` does before it returns: nobody is let in before. */
async function listen(server: Server, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const before = process.umask(0o177);
  try {
    server.listen({ path, backlog: 511 });
  } finally {
    process.umask(before);
  }
  await listening;
}

async function removeStale(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null) return;
  if (!stats.isSocket()) throw new Error(`${path} is in the way, and is no socket: remove it`);
  if (await isAnswered(path)) throw new Error(`${path} is another process's, which listens on it`);
  await unlink(path);
}

/** Whether somebody listens; one that does not take connections any more counts as well. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (answered: boolean): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(answered);
    };
    const late = setTimeout(settle, knockDeadline, true);
    socket.once('connect', () => settle(true));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => settle(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
