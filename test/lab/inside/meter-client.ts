/**
 * The client of a meter: so many long connections, over which it asks now and then, and beside them a steady stream of
 * requests, each over a connection of its own. A request begins at its time, whether or not those before have ended: what
 * hangs holds up nothing else. Arguments: an address, a port, how many long connections, and the milliseconds between two requests of the stream
 * and between two questions over a long connection.
 */

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LongConnections, MeterOrder, Request } from './meter.js';

const [host = '', ...numbers] = process.argv.slice(2);
const [port = 0, count = 0, pace = 0, rest = 0] = numbers.map(Number);

/** Milliseconds until a request has failed: before a lost first packet is sent again, by TCP, a second later. */
const patience = 900;
/** Milliseconds until the last question over a long connection has to be answered. */
const lastPatience = 30_000;

/** Over a new connection; gives why it failed, or null. */
function ask(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const end = (why: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(why);
    };
    const timer = setTimeout(() => end('no answer'), patience);
    socket.on('connect', () => socket.write('?\n'));
    socket.on('data', () => end(null));
    socket.on('error', ({ message }) => end(message));
    socket.on('end', () => end('closed without an answer'));
  });
}

class LongConnection {
  readonly #socket: Socket;
  #asked = 0;
  #answered = 0;
  #isLost = false;
  #longest = 0;
  #askedAt = 0;
  readonly opened: Promise<boolean>;

  constructor() {
    this.#socket = connect({ host, port, noDelay: true });
    this.opened = new Promise((resolve) => {
      this.#socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
    });
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      this.#answered += text.split('\n').length - 1;
      if (this.#answered === this.#asked) this.#longest = Math.max(this.#longest, Date.now() - this.#askedAt);
    });
    for (const event of ['error', 'end', 'close'] as const) {
      this.#socket.on(event, () => {
        this.#isLost = true;
      });
    }
  }

  get lives(): boolean {
    return !this.#isLost;
  }

  get isAnswered(): boolean {
    return this.#answered === this.#asked;
  }

  /** Milliseconds. */
  get longest(): number {
    return this.isAnswered ? this.#longest : Math.max(this.#longest, Date.now() - this.#askedAt);
  }

  /** One question at a time. */
  ask(): void {
    if (this.#isLost || !this.isAnswered) return;
    this.#asked += 1;
    this.#askedAt = Date.now();
    this.#socket.write('?\n');
  }

  forget(): void {
    this.#longest = 0;
  }

  close(): void {
    this.#socket.destroy();
  }
}

let connections: LongConnection[] = [];
let isAsking = false;
let asking: Promise<unknown> = Promise.resolve();
let requests: Promise<Request>[] = [];

async function open(): Promise<number> {
  connections = Array.from({ length: count }, () => new LongConnection());
  const opened = await Promise.all(connections.map((connection) => connection.opened));
  // The kernel tells another director of a connection after its third packet.
  for (const connection of connections) connection.ask();
  await settle();
  return opened.filter(Boolean).length;
}

async function streamRequests(): Promise<void> {
  for (let due = Date.now(); isAsking; due += pace) {
    const at = Date.now();
    requests.push(ask().then((failure) => ({ at, failure })));
    await sleep(Math.max(0, due + pace - Date.now()));
  }
}

/** They do not ask all at once. */
async function keepAsking(): Promise<void> {
  while (isAsking) {
    for (const [index, connection] of connections.entries()) {
      connection.ask();
      if (index % 10 === 9) await sleep(rest / Math.max(1, connections.length / 10));
      if (!isAsking) return;
    }
    if (connections.length < 10) await sleep(rest);
  }
}

/** Settles when all have answered that will. */
async function settle(): Promise<void> {
  const late = Date.now() + lastPatience;
  while (Date.now() < late && connections.some(({ lives, isAnswered }) => lives && !isAnswered)) await sleep(50);
}

async function finish(): Promise<{ requests: Request[]; long: LongConnections }> {
  isAsking = false;
  await asking;
  await settle();
  // One more: who lost its way while nobody asked is found out.
  for (const connection of connections) connection.ask();
  await settle();
  const survived = connections.filter(({ lives, isAnswered }) => lives && isAnswered);
  const long = {
    opened: connections.length,
    survived: survived.length,
    longestWait: Math.max(0, ...survived.map(({ longest }) => longest)),
  };
  for (const connection of connections) connection.close();
  const done = await Promise.all(requests);
  requests = [];
  return { requests: done, long };
}

async function carryOut(order: MeterOrder): Promise<unknown> {
  switch (order) {
    case 'open':
      return open();
    case 'begin':
      isAsking = true;
      for (const connection of connections) connection.forget();
      asking = Promise.all([streamRequests(), keepAsking()]);
      return 'begun';
    case 'end':
      return finish();
  }
}

process.on('message', (order: MeterOrder) => void carryOut(order).then((answer) => process.send?.(answer)));
process.on('disconnect', () => process.exit());
process.send?.('ready');
