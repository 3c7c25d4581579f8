/**
 * The kernel's choices beside those of the balancer's scheduler: the same clients in the same order, while weights and
 * thresholds change, connections end, and servers leave and come back.
 */

import assert from 'node:assert/strict';
import type { Operation } from '../../../src/ipvs/backend.js';
import type { KernelClient } from '../../../src/ipvs/kernel/client.js';
import { type Destination, type DestinationIdentity, destinationKey, type Service } from '../../../src/ipvs/table.js';
import { Lease } from '../../../src/ipvs/userspace/lease.js';
import { LiveDestination } from '../../../src/ipvs/userspace/live-destination.js';
import { createScheduler } from '../../../src/ipvs/userspace/schedulers/by-name.js';
import type { Client, Scheduler } from '../../../src/ipvs/userspace/schedulers/scheduler.js';
import { newCounts } from '../../helpers/counts.js';
import { type Random, seeded } from '../../helpers/random.js';
import { destinationAt } from '../../ipvs/conformance/fixture.js';
import { leadOut, PacketClients } from './packet-clients.js';
import { type Addresses, addressesOf } from './walked-addresses.js';

const serverCount = 12;
const port = 80;

export interface Walk {
  readonly service: Service;
  readonly connections: number;
  readonly seed: number;
}

export interface Walked {
  readonly chosen: ReadonlyMap<string, number>;
  readonly refused: number;
  readonly changes: number;
  readonly milliseconds: number;
}

interface Connection {
  readonly from: DestinationIdentity;
  readonly to: DestinationIdentity;
  readonly destination: LiveDestination;
  readonly lease: Lease;
}

/** Says who of ours it is that the kernel has chosen, and fails where it cannot be. */
export interface Judge {
  /** In the kernel's order, as with a scheduler. */
  update(list: readonly LiveDestination[]): void;
  /** `theirs` is null where it has refused. */
  judge(from: Client, to: string, theirs: string | null, what: string): LiveDestination | null;
}

/** The one that our scheduler chooses, and nobody else. */
class SameChoice implements Judge {
  readonly #scheduler: Scheduler<LiveDestination>;

  constructor({ scheduler, schedflags }: Service) {
    const created = createScheduler<LiveDestination>(scheduler, schedflags);
    assert.ok(created);
    this.#scheduler = created;
  }

  update(list: readonly LiveDestination[]): void {
    this.#scheduler.update(list);
  }

  judge(from: Client, to: string, theirs: string | null, what: string): LiveDestination | null {
    const ours = this.#scheduler.choose(from, { address: to, now: 0 });
    assert.equal(theirs, ours && destinationKey(ours), what);
    return ours;
  }
}

/** For a network of this thread's own. Fails at the first choice that differs. */
export async function walk(
  kernel: KernelClient,
  plan: Walk,
  judge: Judge = new SameChoice(plan.service),
): Promise<Walked> {
  const { connections } = plan;
  leadOut(...addressesOf[plan.service.family].networks);
  const beside = new SideBySide(kernel, plan, judge);
  try {
    await beside.build();
    const start = performance.now();
    while (beside.asked < connections) {
      await beside.change();
      for (let more = beside.random(Math.ceil(connections / 40)); more >= 0; more--) beside.connect();
    }
    const milliseconds = performance.now() - start;
    await beside.compareCounts();
    const { chosen, refused, changes } = beside;
    return { chosen, refused, changes, milliseconds };
  } finally {
    beside.close();
  }
}

class SideBySide {
  readonly random: Random;
  readonly chosen = new Map<string, number>();
  asked = 0;
  refused = 0;
  changes = 0;
  readonly #kernel: KernelClient;
  readonly #service: Service;
  readonly #judge: Judge;
  readonly #packets: PacketClients;
  readonly #connections: number;
  readonly #addresses: Addresses;
  /** In the kernel's order. */
  #list: readonly LiveDestination[] = [];
  /** Everybody who has been there: to the kernel a server that comes back is the same, with its connections. */
  readonly #known = new Map<string, LiveDestination>();
  readonly #settings = new Map<string, Destination>();
  readonly #open: Connection[] = [];

  constructor(kernel: KernelClient, { service, connections, seed }: Walk, judge: Judge) {
    this.#kernel = kernel;
    this.#service = service;
    this.random = seeded(seed);
    this.#judge = judge;
    this.#packets = new PacketClients(service.family, service.protocol === 'fwm' ? service.mark : 0);
    this.#connections = connections;
    this.#addresses = addressesOf[service.family];
  }

  async build(): Promise<void> {
    await this.#carryOut({ type: 'add-service', service: this.#service });
    this.#judge.update([]);
    for (let index = 0; index < serverCount / 2; index++) await this.#put(index);
  }

  /** One to three things, so that some have no connection in between. */
  async change(): Promise<void> {
    for (let more = this.random(3); more >= 0; more--) {
      this.changes++;
      const index = this.random(serverCount);
      const key = destinationKey(this.#server(index));
      if (this.#settings.has(key) && this.#settings.size > 1 && this.random(5) === 0) await this.#remove(key);
      else await this.#put(index);
    }
  }

  connect(): void {
    this.asked++;
    const from = { address: this.#addresses.anyClient(this.random), port: 1024 + this.random(60_000) };
    const to = this.#virtual();
    const { ops } = this.#service;
    const theirs = this.#packets.send(from, to, ops ? 'datagram' : 'syn');
    const name = theirs && destinationKey(theirs);
    const ours = this.#judge.judge(from, to.address, name, `choice ${this.asked} of ${JSON.stringify(from)}`);
    if (!ours || name === null) {
      this.refused++;
      return;
    }
    this.chosen.set(name, (this.chosen.get(name) ?? 0) + 1);
    // One datagram is forgotten by the kernel as soon as it has passed.
    if (ops) return;
    const lease = new Lease({ destination: ours, stay: null }, 'active', () => {});
    this.#open.push({ from, to, destination: ours, lease });
    if (this.random(3) === 0) this.#end();
  }

  async compareCounts(): Promise<void> {
    const [entry] = (await this.#kernel.list()).values();
    const counts = (one: { activeConnections: number; inactiveConnections: number } | undefined) => [
      one?.activeConnections,
      one?.inactiveConnections,
    ];
    for (const one of this.#list) {
      assert.deepEqual(counts(entry?.destinations.get(destinationKey(one))), counts(one), destinationKey(one));
    }
  }

  close(): void {
    this.#packets.close();
  }

  /** Adds or edits it. */
  async #put(index: number): Promise<void> {
    const identity = this.#server(index);
    const key = destinationKey(identity);
    const stands = this.#settings.has(key);
    // One that comes back with 0 would forget its last weight, which is not said of those that stand.
    const weight = stands && this.random(6) === 0 ? 0 : 1 + this.random(this.#heaviest());
    const destination = destinationAt(identity, { weight, ...this.#thresholds(key) });
    const known = this.#known.get(key) ?? new LiveDestination(destination, port, newCounts());
    this.#known.set(key, known);
    this.#settings.set(key, destination);
    known.edit(destination);
    if (!stands) this.#list = [known, ...this.#list];
    const type = stands ? 'edit-destination' : 'add-destination';
    await this.#carryOut({ type, service: this.#service, destination });
    this.#judge.update(this.#list);
  }

  /** So that some divide one another, some do not, and some are not reached by active connections. */
  #heaviest(): number {
    return [6, 60, this.#connections / 4][this.random(3)] ?? 1;
  }

  /** Near to what it has already, so that it is reached. */
  #thresholds(key: string): Pick<Destination, 'upperThreshold' | 'lowerThreshold'> {
    if (this.random(3) !== 0) return { upperThreshold: 0, lowerThreshold: 0 };
    const { activeConnections = 0, inactiveConnections = 0 } = this.#known.get(key) ?? {};
    const upperThreshold = activeConnections + inactiveConnections + 1 + this.random(this.#connections / 25);
    return { upperThreshold, lowerThreshold: this.random(2) === 0 ? 0 : 1 + this.random(upperThreshold) };
  }

  async #remove(key: string): Promise<void> {
    const destination = this.#settings.get(key);
    assert.ok(destination);
    this.#settings.delete(key);
    this.#list = this.#list.filter((one) => destinationKey(one) !== key);
    await this.#carryOut({ type: 'delete-destination', service: this.#service, destination });
    this.#judge.update(this.#list);
  }

  /** The client closes one of the connections. */
  #end(): void {
    const index = this.random(this.#open.length);
    const connection = this.#open[index];
    // What is sent to a server that has left is dropped.
    if (!connection || !this.#list.includes(connection.destination)) return;
    this.#open.splice(index, 1);
    this.#packets.send(connection.from, connection.to, 'fin');
    connection.lease.deactivate();
  }

  #virtual(): DestinationIdentity {
    if (this.#service.protocol !== 'fwm') return this.#service;
    return { address: this.#addresses.anyVirtual(this.random), port };
  }

  #server(index: number): DestinationIdentity {
    return { address: this.#addresses.server(index), port: index % 4 === 0 ? 8080 : port };
  }

  async #carryOut(operation: Operation): Promise<void> {
    assert.deepEqual(await this.#kernel.apply([operation]), [null]);
  }
}
