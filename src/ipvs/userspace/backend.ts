/**
 * The embedded balancer: a table whose services this process listens to itself, as a proxy between clients and
 * destinations. It needs neither IPVS nor root. Clients appear to the destinations with the director's address,
 * whatever the forwarding method says: gate, masq and ipip are all forwarded to the destination's address and port.
 */

import type { Backend, Failure, Operation, ReadOptions } from '../backend.js';
import { capabilitiesOf } from '../capabilities.js';
import { refusal } from '../refusal.js';
import {
  type Destination,
  destinationKey,
  type ObservedTable,
  type Service,
  type ServiceIdentity,
  serviceKey,
} from '../table.js';
import { defaultLimits, type Limits } from './limits.js';
import { type AddressedService, type Listener, listenFailure } from './listener.js';
import type { LiveDestination } from './live-destination.js';
import { describeLoop, type IsLocal, isEverywhere, loopThrough, ownAddresses } from './loops.js';
import { DestinationPool } from './pool.js';
import { type OnTrouble, portShortage } from './port-shortage.js';
import { createScheduler } from './schedulers/by-name.js';
import type { Scheduler } from './schedulers/scheduler.js';
import { listenTcp } from './tcp-listener.js';
import { listenUdp } from './udp-listener.js';

interface Row {
  readonly service: AddressedService;
  readonly pool: DestinationPool;
  readonly destinations: ReadonlyMap<string, LiveDestination>;
  readonly listener: Listener;
  /** Settles when the listener is closed; null while it is open. */
  closed: Promise<void> | null;
}

export class UserspaceBackend implements Backend {
  readonly capabilities = capabilitiesOf('userspace');
  readonly name = this.capabilities.name;
  readonly #limits: Limits;
  readonly #onTrouble: OnTrouble;
  readonly #rows = new Map<string, Row>();
  /** The end of the last batch: batches run one after another, and closing comes after the last. */
  #settled: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(limits: Partial<Limits> = {}, onTrouble: OnTrouble = () => {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#onTrouble = onTrouble;
  }

  async read({ only }: ReadOptions = {}): Promise<ObservedTable> {
    this.#assertOpen();
    const rows = [...this.#rows].filter(([key]) => only === undefined || only.has(key));
    return new Map(rows.map(([key, { pool }]) => [key, pool.observe()]));
  }

  async apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    this.#assertOpen();
    const batch = this.#settled.then(() => this.#applyInOrder(operations));
    this.#settled = batch.then(
      () => {},
      () => {},
    );
    return batch;
  }

  /** Resets every connection and frees every address; the table goes with the process that serves it. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#settled = this.#settled.then(() => this.#tearDown());
    }
    await this.#settled;
  }

  async #applyInOrder(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    const results: (Failure | null)[] = [];
    const isLocal = ownAddresses();
    const leaving = operations.filter(({ type }) => type === 'delete-service').map(({ service }) => service);
    for (const operation of operations) {
      if (operation.type === 'add-service') this.#makeRoom(operation.service, leaving);
      results.push(await this.#carryOut(operation, isLocal));
    }
    return results;
  }

  /**
   * What comes in comes in before what goes out, but two cannot listen to one address: a service that leaves in the
   * same batch stops listening before one that takes its place begins to.
   */
  #makeRoom(service: Service, leaving: readonly ServiceIdentity[]): void {
    for (const other of leaving) {
      const row = overlap(service, other) ? this.#rows.get(serviceKey(other)) : undefined;
      if (row) void stopListening(row);
    }
  }

  async #carryOut(operation: Operation, isLocal: IsLocal): Promise<Failure | null> {
    const refused = refusal(this.#rows, operation, this.capabilities);
    if (refused) return refused;
    if (operation.type === 'add-service') return this.#add(servable(operation.service));

    const key = serviceKey(operation.service);
    const row = this.#rows.get(key);
    if (!row) return null;
    switch (operation.type) {
      case 'edit-service':
        edit(row.pool, servable(operation.service));
        return null;
      case 'delete-service':
        this.#rows.delete(key);
        await release(row);
        return null;
      case 'add-destination': {
        const { destination } = operation;
        const loop = loopThrough(this.#rows, row.service, destination, isLocal);
        if (loop) return refuseLoop(key, destination, loop);
        row.pool.put(destination);
        return null;
      }
      case 'edit-destination':
        row.pool.put(operation.destination);
        return null;
      case 'delete-destination':
        row.pool.delete(destinationKey(operation.destination));
        return null;
    }
  }

  async #add(service: AddressedService): Promise<Failure | null> {
    const pool = new DestinationPool(service, schedulerOf(service), this.#limits.maxStays);
    const limits = this.#limits;
    const onConnectError = portShortage(service, this.#onTrouble);
    try {
      const listener =
        service.protocol === 'tcp'
          ? await listenTcp(service, { pool, limits, onConnectError })
          : await listenUdp(service, pool, limits);
      const { destinations } = pool;
      this.#rows.set(serviceKey(service), { service, pool, destinations, listener, closed: null });
      return null;
    } catch (error) {
      return listenFailure(service, error);
    }
  }

  async #tearDown(): Promise<void> {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    await Promise.all(rows.map(release));
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('userspace backend: already closed');
  }
}

/** Stops listening before it resets what stands, so that no connection comes in between. */
async function release(row: Row): Promise<void> {
  const closed = stopListening(row);
  row.pool.clear();
  await closed;
}

/** The address is free at once. */
function stopListening(row: Row): Promise<void> {
  row.closed ??= row.listener.close();
  return row.closed;
}

/** Whether the system lets only one of them listen. */
function overlap(a: ServiceIdentity, b: ServiceIdentity): boolean {
  if (a.protocol === 'fwm' || b.protocol === 'fwm' || a.port !== b.port) return false;
  if (a.protocol !== b.protocol || a.family !== b.family) return false;
  return a.address === b.address || isEverywhere(a.address) || isEverywhere(b.address);
}

function edit(pool: DestinationPool, service: AddressedService): void {
  const { scheduler, schedflags } = pool.service;
  const same = scheduler === service.scheduler && schedflags.join() === service.schedflags.join();
  pool.edit(service, same ? null : schedulerOf(service));
}

/** Of a service that was not refused. */
function servable(service: Service): AddressedService {
  if (service.protocol === 'fwm') throw new Error(`${serviceKey(service)}: there is no address to listen to`);
  return service;
}

function schedulerOf({ scheduler, schedflags }: Service): Scheduler<LiveDestination> {
  const created = createScheduler<LiveDestination>(scheduler, schedflags);
  if (created === null) throw new Error(`there is no scheduler ${scheduler}`);
  return created;
}

function refuseLoop(key: string, destination: Destination, through: readonly string[]): Failure {
  return { code: 'ELOOP', message: `${key}: add: ${describeLoop(destination, through)}` };
}
