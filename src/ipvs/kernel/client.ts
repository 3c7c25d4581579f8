/** Everything that the kernel's IPVS can be asked, over generic netlink. */

import { type Attributes, requireValue } from '../../netlink/attributes.js';
import { netlinkGeneric } from '../../netlink/constants.js';
import { isUnsigned } from '../../netlink/message-writer.js';
import { socketsOf } from '../../netlink/socket.js';
import type { Failure, Operation, ReadOptions } from '../backend.js';
import type { DaemonState, SyncDaemon } from '../sync-daemon.js';
import {
  destinationKey,
  type Metered,
  type MeteredEntry,
  type MeteredTable,
  type Service,
  type ServiceIdentity,
  serviceKey,
} from '../table.js';
import { command, commandAttribute } from './constants.js';
import { decodeDaemon, encodeDaemon, encodeDaemonState, wrongDaemon } from './daemon-codec.js';
import { decodeDestination, type ObservedDestination } from './destination-codec.js';
import { KernelError } from './errors.js';
import { failureOf, refusalOf } from './failure.js';
import { loadModule } from './module.js';
import { commandOf, encodeOperation, unencodable, wrongIdentity } from './operation-codec.js';
import { decodeService, encodeServiceIdentity } from './service-codec.js';
import { type Encode, Session, type SessionOptions } from './session.js';
import { decodeInfo, decodeTimeouts, encodeTimeouts, type KernelInfo, type Timeouts } from './settings-codec.js';

const defaults: SessionOptions = { open: socketsOf(netlinkGeneric), loadModule: () => loadModule(), timeout: 5_000 };

/** Calls that wait for their turn, at most. */
const mostWaiting = 64;

const nothing: Encode = () => {};

/**
 * Calls are carried out one after another, in the order in which they were made. They reject with a KernelError.
 * Sockets are opened by the first call, and again by the next one after a failure.
 */
export class KernelClient {
  readonly #session: Session;
  /** The end of the last call. */
  #settled: Promise<void> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(options: Partial<SessionOptions> = {}) {
    this.#session = new Session({ ...defaults, ...options });
  }

  info(): Promise<KernelInfo> {
    return this.#query('ask its version', command.getInfo, nothing, decodeInfo);
  }

  timeouts(): Promise<Timeouts> {
    return this.#query('read the timeouts', command.getConfig, nothing, decodeTimeouts);
  }

  /** Seconds, of which the kernel takes at most 2^31 jiffies; what is left out stays as it is. */
  setTimeouts(timeouts: Partial<Timeouts>): Promise<void> {
    const wrong = Object.values(timeouts).find((seconds) => !isUnsigned(seconds, 31));
    const what = 'set the timeouts';
    if (wrong !== undefined) return invalid(what, `${wrong} seconds`);
    return this.#order(what, command.setConfig, (writer) => encodeTimeouts(writer, timeouts));
  }

  /** Sets the counters to zero: of one service and its destinations, or of everything. */
  zero(service?: ServiceIdentity): Promise<void> {
    if (!service) return this.#order('zero the counters', command.zero, nothing);
    const what = `zero the counters of ${serviceKey(service)}`;
    const wrong = wrongIdentity(service);
    if (wrong !== null) return invalid(what, wrong);
    return this.#order(what, command.zero, (writer) => encodeServiceIdentity(writer, service));
  }

  /** Removes every service, whoever added it. */
  flush(): Promise<void> {
    return this.#order('remove all services', command.flush, nothing);
  }

  daemons(): Promise<SyncDaemon[]> {
    return this.#inTurn(() =>
      this.#session.dump('read the synchronization daemons', command.getDaemon, nothing, (attributes) =>
        decodeDaemon(requireValue(attributes.nested(commandAttribute.daemon), 'daemon')),
      ),
    );
  }

  /** A master and a backup can run side by side; EEXIST where one of this state does. */
  startDaemon(daemon: SyncDaemon): Promise<void> {
    const what = `start the ${daemon.state} synchronization daemon`;
    const wrong = wrongDaemon(daemon);
    if (wrong !== null) return invalid(what, wrong);
    return this.#order(what, command.newDaemon, (writer) => encodeDaemon(writer, daemon));
  }

  /** ESRCH where none of this state runs. */
  stopDaemon(state: DaemonState): Promise<void> {
    const what = `stop the ${state} synchronization daemon`;
    return this.#order(what, command.deleteDaemon, (writer) => encodeDaemonState(writer, state));
  }

  /**
   * The table. It is no snapshot: the kernel tells services and the destinations of each in separate answers, and other
   * calls have their turn in between. Traffic makes it dearer, and is left out unless it is asked for. With `only` it
   * is that of some services, as far as they stand.
   */
  async list({ traffic = false, only, signal, onProgress }: ReadOptions = {}): Promise<MeteredTable> {
    const services = await this.#inTurn(() =>
      this.#session.dump('read the services', command.getService, nothing, (attributes) =>
        decodeService(requireValue(attributes.nested(commandAttribute.service), 'service'), traffic),
      ),
    );
    const table = new Map<string, MeteredEntry>();
    for (const service of services) {
      if (only !== undefined && !only.has(serviceKey(service))) continue;
      signal?.throwIfAborted();
      onProgress?.();
      const { traffic: passed, ...bare }: Service & Metered = service;
      const destinations = await this.#inTurn(() => this.#destinations(bare, traffic, onProgress));
      table.set(serviceKey(bare), { service: bare, destinations, ...(passed && { traffic: passed }) });
    }
    return table;
  }

  /** As Backend.apply. */
  apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    return this.#inTurn(async () => {
      const failures: (Failure | null)[] = operations.map((operation) => {
        const reason = unencodable(operation);
        return reason === null ? null : refusalOf(operation, reason);
      });
      const sound = [...operations.entries()].filter(([index]) => failures[index] === null);
      const results = await this.#session.batch(sound, {
        codeOf: ([, operation]) => commandOf(operation),
        isDear: ([, { type }]) => type === 'add-service' || type === 'edit-service',
        encode: (writer, [, operation]) => encodeOperation(writer, operation),
      });
      for (const [place, [index, operation]] of sound.entries()) {
        const result = results[place];
        if (result) failures[index] = failureOf(operation, result);
      }
      return failures;
    });
  }

  /** What is under way is finished first; what comes later rejects, the rest of a list too. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#settled;
    this.#session.close();
  }

  async #destinations(
    service: Service,
    withTraffic: boolean,
    onProgress: () => void = () => {},
  ): Promise<Map<string, ObservedDestination>> {
    const destinations = await this.#session.dump(
      `read the destinations of ${serviceKey(service)}`,
      command.getDestination,
      (writer) => encodeServiceIdentity(writer, service),
      (attributes) => {
        onProgress();
        const destination = requireValue(attributes.nested(commandAttribute.destination), 'destination');
        return decodeDestination(destination, service.family, withTraffic);
      },
    );
    return new Map(destinations.map((destination) => [destinationKey(destination), destination]));
  }

  #query<T>(what: string, code: number, encode: Encode, decode: (attributes: Attributes) => T): Promise<T> {
    return this.#inTurn(async () => {
      const values: T[] = [];
      await this.#session.query(what, code, encode, (attributes) => values.push(decode(attributes)));
      const [value] = values;
      if (value === undefined) throw new KernelError('EBADMSG', `kernel IPVS: ${what}: the answer says nothing`);
      return value;
    });
  }

  #order(what: string, code: number, encode: Encode): Promise<void> {
    return this.#inTurn(() => this.#session.query(what, code, encode, () => {}));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new KernelError('EBADF', 'kernel IPVS: already closed'));
    if (this.#waiting >= mostWaiting) {
      return Promise.reject(new KernelError('EBUSY', `kernel IPVS: ${mostWaiting} calls wait already`));
    }
    this.#waiting += 1;
    const done = this.#settled.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#settled = done.then(
      () => {},
      () => {},
    );
    return done;
  }
}

function invalid(what: string, reason: string): Promise<never> {
  return Promise.reject(new KernelError('EINVAL', `kernel IPVS: ${what}: ${reason}`));
}
