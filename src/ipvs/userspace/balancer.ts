/** The table as the balancer's thread serves it: listeners, destinations, and what is between them. */

import { descriptorLimit } from '../../system/libc.js';
import type { Failure, Operation } from '../backend.js';
import { capabilitiesOf } from '../capabilities.js';
import { refusal } from '../refusal.js';
import { type Destination, destinationKey, type Service, serviceKey } from '../table.js';
import type { Carriers } from './carriers.js';
import type { Counted } from './counted.js';
import { Counts, rateEvery } from './counts.js';
import type { Deadlines, Timed } from './deadlines.js';
import { DescriptorShare } from './descriptor-share.js';
import type { EventLoop } from './event-loop.js';
import { Holding } from './holding.js';
import type { Limits } from './limits.js';
import { type AddressedService, type Listener, listenFailure } from './listener.js';
import type { LiveDestination } from './live-destination.js';
import { describeLoop, type IsLocal, loopThrough, ownAddresses } from './loops.js';
import type { Task } from './messages.js';
import { StayShare } from './persistence.js';
import { DestinationPool, type Pause } from './pool.js';
import { createScheduler } from './schedulers/by-name.js';
import type { Scheduler } from './schedulers/scheduler.js';
import { type OnTrouble, shortage } from './shortage.js';
import { listenTcp } from './tcp-listener.js';
import { listenUdp } from './udp-listener.js';

interface Row {
  readonly service: AddressedService;
  readonly counts: Counts;
  readonly pool: DestinationPool;
  readonly destinations: ReadonlyMap<string, LiveDestination>;
  readonly listener: Listener;
}

/** What became of an operation, or nothing yet. */
export type Step = Failure | null | Pause;

const capabilities = capabilitiesOf('userspace');

export class Balancer {
  readonly #loop: EventLoop;
  readonly #limits: Limits;
  readonly #onTrouble: OnTrouble;
  readonly #carriers: Carriers;
  readonly #holding: Holding;
  readonly #descriptors = new DescriptorShare(descriptorLimit());
  readonly #stays: StayShare;
  readonly #connecting: Deadlines<Timed>;
  readonly #idle: Deadlines<Timed>;
  readonly #rows = new Map<string, Row>();

  /** One of so many threads. */
  constructor(loop: EventLoop, limits: Limits, threads: number, carriers: Carriers, onTrouble: OnTrouble) {
    this.#loop = loop;
    this.#limits = limits;
    this.#carriers = carriers;
    this.#holding = new Holding(threads);
    this.#onTrouble = onTrouble;
    this.#stays = new StayShare(limits.maxAllStays);
    this.#connecting = loop.deadlines(limits.connectTimeout);
    this.#idle = loop.deadlines(limits.tcpIdle);
    this.#estimate();
  }

  /** Carries them out one after another, a step each time that it is asked: `undefined` where one leaves more to do. */
  *apply(tasks: readonly Task[]): Generator<Step, void> {
    const isLocal = ownAddresses();
    for (const { operation, place, room } of tasks) {
      for (const key of room) this.#rows.get(key)?.listener.close();
      yield yield* this.#carryOut(operation, place, isLocal);
    }
  }

  /** Resets every connection and frees every address. */
  close(): void {
    // What other threads carry is theirs to close.
    for (const row of this.#rows.values()) for (const pause of release(row)) if (pause === 'waits') break;
    this.#rows.clear();
  }

  *#carryOut(operation: Operation, place: Counted | null, isLocal: IsLocal): Generator<Pause, Failure | null> {
    const refused = refusal(this.#rows, operation, capabilities);
    if (refused) return refused;
    if (operation.type === 'add-service') return this.#add(servable(operation.service), place);

    const key = serviceKey(operation.service);
    const row = this.#rows.get(key);
    if (!row) return null;
    switch (operation.type) {
      case 'edit-service':
        edit(row.pool, servable(operation.service));
        return null;
      case 'delete-service':
        this.#rows.delete(key);
        yield* release(row);
        return null;
      case 'add-destination': {
        const { destination } = operation;
        const loop = loopThrough(this.#rows, row.service, destination, isLocal);
        if (loop) return refuseLoop(key, destination, loop);
        row.pool.add(destination, new Counts(counted(place), row.counts));
        return null;
      }
      case 'edit-destination':
        row.pool.change(operation.destination);
        return null;
      case 'delete-destination':
        yield* row.pool.delete(destinationKey(operation.destination));
        return null;
    }
  }

  #add(service: AddressedService, place: Counted | null): Failure | null {
    const pool = new DestinationPool(service, schedulerOf(service), this.#limits.maxStays, this.#stays);
    const listen = service.protocol === 'tcp' ? this.#listenTcp(service, pool) : this.#listenUdp(service, pool);
    if ('code' in listen) return listen;
    const { destinations } = pool;
    const counts = new Counts(counted(place), null);
    this.#rows.set(serviceKey(service), { service, counts, pool, destinations, listener: listen });
    return null;
  }

  #listenTcp(service: AddressedService, pool: DestinationPool): Listener | Failure {
    const tell = shortage(service, this.#onTrouble);
    const forwarding = {
      loop: this.#loop,
      pool,
      limits: this.#limits,
      holding: this.#holding,
      descriptors: this.#descriptors,
      connecting: this.#connecting,
      idle: this.#idle,
      carriers: this.#carriers,
      held: { count: 0 },
      onConnectError: tell,
      onAcceptError: (code: string) => tell(null, code),
    };
    try {
      return listenTcp(service, forwarding);
    } catch (error) {
      return listenFailure(service, error);
    }
  }

  #listenUdp(service: AddressedService, pool: DestinationPool): Listener | Failure {
    try {
      return listenUdp(service, {
        ...{ loop: this.#loop, pool, limits: this.#limits, descriptors: this.#descriptors },
        onError: shortage(service, this.#onTrouble),
      });
    } catch (error) {
      return listenFailure(service, error);
    }
  }

  /** The rates, from now on. */
  #estimate(): void {
    const ticks = this.#loop.deadlines(rateEvery);
    const tick: Timed = {
      ...{ earlier: null, later: null, since: -1 },
      onExpired: () => {
        for (const { counts, destinations } of this.#rows.values()) {
          counts.estimate();
          for (const destination of destinations.values()) destination.counts.estimate();
        }
        ticks.start(tick, this.#loop.now);
      },
    };
    ticks.start(tick, this.#loop.now);
  }
}

/** Stops listening before it resets what stands, so that no connection comes in between. */
function* release({ listener, pool }: Row): Generator<Pause> {
  listener.close();
  yield* pool.clear();
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

function counted(place: Counted | null): Counted {
  if (place === null) throw new Error('what is added has a place to be counted in');
  return place;
}

function schedulerOf({ scheduler, schedflags }: Service): Scheduler<LiveDestination> {
  const created = createScheduler<LiveDestination>(scheduler, schedflags);
  if (created === null) throw new Error(`there is no scheduler ${scheduler}`);
  return created;
}

function refuseLoop(key: string, destination: Destination, through: readonly string[]): Failure {
  return { code: 'ELOOP', message: `${key}: add: ${describeLoop(destination, through)}` };
}
