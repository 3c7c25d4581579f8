/** Connecting a socket of our own. */

import { failureOf } from '../failure.js';
import { type Endpoint, type Sequel, TcpSocket } from './tcp-socket.js';

/** Connects. Rejects with a ProbeFailure, then or when the signal aborts; by then the socket is gone. */
export function connectTo(endpoint: Endpoint, signal: AbortSignal, sequel: Sequel = 'anything'): Promise<TcpSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(failureOf('connect', error, signal));
    if (signal.aborted) {
      fail(signal.reason);
      return;
    }
    try {
      const opened = TcpSocket.open(endpoint, sequel);
      const settle = () => {
        signal.removeEventListener('abort', aborted);
        opened.onEvent = () => {};
      };
      const aborted = () => {
        settle();
        opened.end();
        fail(signal.reason);
      };
      signal.addEventListener('abort', aborted);
      opened.onEvent = () => {
        settle();
        if (opened.error === null) {
          resolve(opened);
        } else {
          opened.end();
          fail(opened.error);
        }
      };
    } catch (error) {
      fail(error);
    }
  });
}
