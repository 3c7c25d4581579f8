/** Echo requests that are sent by one call: sendmmsg(2). Thousands of calls take longer than what they are for. */

import { type Messages, newMessages, sendmmsg } from '../../system/libc.js';
import { addressSizes, type HostAddress, type Version, writeAddress } from '../sockets/host-address.js';
import { type Mark, messageSize, writeRequest } from './echo-message.js';

/** What is to be sent. */
export interface Addressed extends Mark {
  readonly target: HostAddress;
}

/** Requests that one call sends at most. */
export const batchSize = 64;

export class RequestBatch {
  readonly #version: Version;
  /** That the requests of its socket have. */
  readonly #identifier: number;
  readonly #messages: Messages;
  readonly #targets: DataView;
  readonly #data: DataView;

  constructor(version: Version, identifier: number) {
    this.#version = version;
    this.#identifier = identifier;
    this.#messages = newMessages(batchSize, { name: addressSizes[version], data: messageSize, control: 0 });
    this.#targets = new DataView(this.#messages.names.buffer);
    this.#data = new DataView(this.#messages.data.buffer);
  }

  /**
   * Sends those from `first` to before `end`, `batchSize` at most, one after another: how many, -1 where the first fails.
   * The error of another one is lost, until it is the first.
   */
  send(descriptor: number, requests: readonly Addressed[], first: number, end: number): number {
    const size = addressSizes[this.#version];
    for (let at = first; at < end; at += 1) {
      const request = requests[at];
      if (request === undefined) break;
      writeAddress(this.#targets, request.target, (at - first) * size);
      writeRequest(this.#data, (at - first) * messageSize, this.#version, this.#identifier, request);
    }
    return sendmmsg(descriptor, this.#messages.headers, end - first, 0);
  }
}
