/**
 * Loaded into a daemon under test before anything else, in each of its threads (`node --import`): keeps an eye on
 * every emitter that can bring an error, and breaks things when the test orders it. The environment has a folder,
 * where orders come and findings go.
 */

import { ChildProcess } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { Server, Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { isMainThread, Worker } from 'node:worker_threads';

const folder = process.env['CHAOS_FOLDER'] ?? '';
/** Milliseconds from one look for orders to the next. */
const lookEvery = 25;
/** Milliseconds for which a thread that is ordered to hangs: beyond any patience of those who watch it. */
const hanging = 20_000;
const standing = 3_000;

/** Whose error event nobody hears ends the process. */
const perilous = [Socket, Server, DatagramSocket, ChildProcess, Worker, Readable, Writable] as const;
const living = new Set<WeakRef<EventEmitter>>();

/** The constructor of emitters calls this function for each; it is where all of them can be seen. */
const birth = EventEmitter as unknown as { init: (this: EventEmitter, ...args: unknown[]) => void };
const { init } = birth;
birth.init = function (...args) {
  init.apply(this, args);
  if (!perilous.some((kind) => this instanceof kind)) return;
  living.add(new WeakRef(this));
  const { stack = '' } = new Error('born');
  const judge = (): void => process.nextTick(listening, this, stack);
  judge();
  this.on('removeListener', (name) => name === 'error' && judge());
};

/** An error can come as soon as what runs now is through, and for as long as there is something that can fail. */
function listening(emitter: EventEmitter, stack: string): void {
  if (emitter.listenerCount('error') > 0 || isOver(emitter) || !canFail(emitter)) return;
  const lines = stack.split('\n').filter((line) => !/node:internal|\/chaos\/inside/.test(line));
  appendFileSync(`${folder}/unheard`, `${emitter.constructor.name}\n${lines.slice(1, 7).join('\n')}\n\n`);
}

/** A stream without a handle or a descriptor joins code of this process: it fails where that code fails it. */
function canFail(emitter: EventEmitter): boolean {
  if (emitter === process.stdin || emitter === process.stdout || emitter === process.stderr) return false;
  return !(emitter instanceof Readable || emitter instanceof Writable) || '_handle' in emitter || 'fd' in emitter;
}

function isOver(emitter: EventEmitter): boolean {
  if (emitter instanceof Readable || emitter instanceof Writable) return emitter.destroyed;
  if (emitter instanceof ChildProcess) return emitter.exitCode !== null || emitter.signalCode !== null;
  if (emitter instanceof Worker) return emitter.threadId < 0;
  return emitter instanceof Server ? !emitter.listening : false;
}

/** A shortage of this machine, which is nobody's verdict. */
function shortage(code: string): Error {
  return Object.assign(new Error(`${code}: made up for the test`), { code, syscall: 'test' });
}

function breakOne(emitter: EventEmitter): void {
  if (isOver(emitter) || !canFail(emitter)) return;
  if (emitter instanceof Readable || emitter instanceof Writable) emitter.destroy(shortage('ENOBUFS'));
  else if (emitter instanceof ChildProcess) emitter.emit('error', shortage('EAGAIN'));
  else if (emitter instanceof Worker) emitter.emit('error', shortage('ERR_WORKER_OUT_OF_MEMORY'));
  else emitter.emit('error', shortage('ENFILE'));
}

function breakAll(): void {
  for (const reference of [...living]) {
    const emitter = reference.deref();
    if (emitter === undefined) living.delete(reference);
    else breakOne(emitter);
  }
}

function hang(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** What can be ordered; all threads do it, or the first worker that sees the order, or the main thread. */
const orders: Readonly<Record<string, { readonly who: 'all' | 'worker' | 'main'; readonly act: () => void }>> = {
  break: { who: 'all', act: breakAll },
  stand: { who: 'main', act: () => hang(standing) },
  hang: { who: 'worker', act: () => hang(hanging) },
  throw: {
    who: 'worker',
    act: () => {
      throw new Error('made up for the test');
    },
  },
  reject: { who: 'worker', act: () => void Promise.reject(new Error('made up for the test')) },
  exit: { who: 'worker', act: () => process.exit(3) },
};

let seen = 0;

function look(): void {
  let text = '';
  try {
    text = readFileSync(`${folder}/order`, 'utf8');
  } catch {
    // None yet, or no descriptor.
  }
  const [number = '', kind = ''] = text.split(' ');
  const order = orders[kind];
  if (Number(number) <= seen || order === undefined) return;
  seen = Number(number);
  if (order.who === 'main' ? !isMainThread : order.who === 'worker' && (isMainThread || !isFirst(number))) return;
  order.act();
}

function isFirst(number: string): boolean {
  try {
    closeSync(openSync(`${folder}/taken-${number}`, 'wx'));
    return true;
  } catch {
    return false;
  }
}

if (folder !== '') {
  process.on('uncaughtExceptionMonitor', ({ stack }) => appendFileSync(`${folder}/crash`, `${stack}\n`));
  // Orders from before this thread began are not its own.
  look();
  setInterval(look, lookEvery).unref();
}
