/** One question and its answer over UDP. */

import dgram from 'node:dgram';
import net, { type AddressInfo } from 'node:net';
import { close, closeOnExec, nonBlocking, socket as openDescriptor, systemError } from '../../system/libc.js';
import { failureOf, type Phase, ProbeFailure } from '../failure.js';
import type { Route } from '../probe.js';
import { families } from './host-address.js';
import { isRouted, takeRoute } from './route.js';

/** Of socket(2). */
const typeDatagram = 2;

export interface Question<T> {
  /** A literal address. */
  readonly address: string;
  readonly port: number;
  readonly route: Route;
  /** From the local address and port too, where the protocol names them. */
  readonly request: Buffer | ((local: AddressInfo) => Buffer);
  /** Milliseconds until the deadline; the request is sent again at one and two thirds of it, since networks lose packets. */
  readonly timeout: number;
  readonly phase: Phase;
  /** What an answer says; null where it is none to this request and is passed over. Can throw a ProbeFailure. */
  readonly read: (answer: Buffer) => T | null;
  /** What it says that nothing came in `timeout` milliseconds; without it that is the failure of the deadline. */
  readonly silence?: T;
}

/** Datagrams that are passed over: a handful can be late or forged, more are a flood. */
const strayBound = 100;
/** Beyond, a timer would fire at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * Asks until an answer is read. The socket is connected, so that the kernel takes answers from this server alone
 * and hands on its ICMP errors: a closed port is ECONNREFUSED. Rejects with a ProbeFailure; by the time it settles
 * the socket is gone.
 */
export async function askDatagram<T>(question: Question<T>, signal: AbortSignal): Promise<T> {
  const { address, phase } = question;
  const family = net.isIP(address);
  if (family === 0) throw new ProbeFailure('connect', 'no address to ask');
  if (signal.aborted) throw failureOf(phase, signal.reason, signal);
  const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4');
  // The end of the sockets is waited for, and an error after the answer concerns nobody.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  const timers: NodeJS.Timeout[] = [];
  try {
    if (isRouted(question.route)) openRouted(socket, families[family === 6 ? 6 : 4], question);
    return await answerOf(socket, question, signal, timers);
  } catch (error) {
    throw failureOf(phase, error, signal);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    socket.close();
    await closed;
  }
}

/** On a descriptor of our own, which Node takes over. Throws a ProbeFailure or a system error. */
function openRouted(
  socket: dgram.Socket,
  family: number,
  { route, address }: Pick<Question<unknown>, 'route' | 'address'>,
): void {
  const fd = openDescriptor(family, typeDatagram | nonBlocking | closeOnExec, 0);
  if (fd < 0) throw systemError('socket', 'udp');
  try {
    takeRoute(fd, route, address);
    socket.bind({ fd, exclusive: true });
  } catch (error) {
    close(fd);
    throw error;
  }
}

function answerOf<T>(
  socket: dgram.Socket,
  { address, port, request, timeout, phase, read, silence }: Question<T>,
  signal: AbortSignal,
  timers: NodeJS.Timeout[],
): Promise<T> {
  return new Promise((resolve, reject) => {
    let strays = 0;
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', aborted));
    socket.on('error', reject);
    socket.on('message', (message) => {
      try {
        const answer = read(message);
        strays += 1;
        if (answer !== null) resolve(answer);
        else if (strays > strayBound) reject(new ProbeFailure(phase, `${strays} datagrams that are no answer`));
      } catch (error) {
        reject(error);
      }
    });
    // Where there is no way to the server, that is told here and not as an event.
    socket.connect(port, address, (error?: Error) => {
      if (error) reject(error);
      if (error || signal.aborted) return;
      const bytes = typeof request === 'function' ? request(socket.address()) : request;
      const send = () => socket.send(bytes, (error) => error && reject(error));
      send();
      for (const third of [1, 2]) timers.push(setTimeout(send, Math.min((third * timeout) / 3, longestTimer)));
      if (silence !== undefined) timers.push(setTimeout(() => resolve(silence), timeout));
    });
  });
}
