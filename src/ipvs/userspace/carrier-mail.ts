/**
 * What the thread that chooses and one that carries connections for it write to each other: by mail, as there may be tens
 * of thousands in a second, and where they are counted by a port, once.
 */

import type { MessagePort } from 'node:worker_threads';
import type { HeldDescriptors } from '../../system/held-descriptors.js';
import type { MailSize } from './mail.js';

/** The words of a connection that is handed over: numbers, and two addresses of 28 bytes as the kernel has them. */
export const handed = {
  id: 0,
  descriptor: 1,
  /** 0, or the version of the PROXY protocol that the server is greeted in. */
  proxy: 2,
  group: 3,
  index: 4,
  serviceGroup: 5,
  serviceIndex: 6,
  /** Bytes of the server's address. */
  size: 7,
  server: 8,
  client: 15,
} as const;
/** In the place of the descriptor, where the connection is to be reset. */
export const revoked = -1;

/** What is said of a connection by who carries it. */
export const told = { id: 0, what: 1, error: 2 } as const;
export const inactive = 1;
export const failed = 2;
export const closed = 3;

/** Records are powers of two, so that their numbers may go round. */
export const toCarrier: MailSize = { width: 22, room: 1024 };
export const fromCarrier: MailSize = { width: 3, room: 8192 };

/** The way between both. */
export interface CarrierMail {
  readonly handing: SharedArrayBuffer;
  readonly telling: SharedArrayBuffer;
}

/** Memory to count in, ahead of the first record that names its group. */
export interface Introduction {
  readonly group: number;
  readonly memory: SharedArrayBuffer;
}

/** For who carries. */
export interface CarrierEnd extends CarrierMail {
  readonly introductions: MessagePort;
  /** Wakes who chooses. */
  readonly waker: number;
}

/** For who chooses: another thread is there. */
export interface CarrierJoins extends CarrierMail {
  readonly type: 'joins';
  /** Its place among those that count; the first is that of who chooses. */
  readonly number: number;
  readonly introductions: MessagePort;
  readonly waker: number;
  /** Where it writes down what it holds. */
  readonly descriptors: HeldDescriptors;
}

/** It has ended: what it carried is gone, and it is handed nothing any more. */
export interface CarrierLeaves {
  readonly type: 'leaves';
  readonly number: number;
}
