/**
 * Keeps the wanted addresses where they are to stand: reads, plans, writes down what will be ours, changes, tells the
 * neighbours, and looks after it. What stands without us is somebody else's, and stays.
 */

import { performance } from 'node:perf_hooks';
import type { Publish } from '../../events.js';
import { pauseAfter } from '../../reconcile/held-back.js';
import { Looks } from '../../reconcile/looks.js';
import { NamedContest } from '../../reconcile/named-contest.js';
import { JournalWriter } from '../../system/own-journal.js';
import { type Announcement, announceAddresses } from './announce.js';
import type { AddressChange, Device } from './codec.js';
import { type AddressJournal, ownByKey } from './journal.js';
import { AddressNews, deviceDown, noDevice } from './news.js';
import {
  type AddressPlan,
  type Found,
  type OwnAddress,
  ownKey,
  type PlaceState,
  planAddresses,
  planRemoval,
  renewalShare,
} from './plan.js';
import { type Refusal, RouteNetlink, type Routes } from './route-netlink.js';
import {
  type AddressPlace,
  noAddresses,
  placeKey,
  type WantedAddress,
  type WantedAddresses,
  withAnnounced,
} from './wanted.js';

export interface AddressKeeperOptions {
  readonly journal: AddressJournal;
  readonly publish: Publish;
  /** Addresses have become ours, or are so no longer. */
  readonly onOwn?: () => void;
  readonly routes?: Routes;
  readonly announce?: typeof announceAddresses;
  /** Milliseconds before what was refused is tried again; doubled each time, up to a minute. */
  readonly retryDelay?: number;
}

/** How an address is that is wanted; `why` it does not stand, or is not ours. */
export interface PlaceStatus {
  readonly stands: boolean;
  readonly why: string | null;
}

interface Failed extends Refusal {
  readonly times: number;
  readonly due: number;
}

/** Milliseconds: what is changed together is looked at once. */
const gathering = 20;

export class AddressKeeper {
  readonly #options: Required<AddressKeeperOptions>;
  readonly #contest: NamedContest;
  readonly #journal: JournalWriter<OwnAddress>;
  readonly #looks = new Looks({
    gathering,
    look: () => this.#look(),
    isNeeded: () => this.#wanted !== null && (this.#wanted.places.size > 0 || (this.#own?.size ?? 0) > 0),
  });
  /** Those of `vip`, those that are announced, by device, and both. */
  #vips: WantedAddresses | null = null;
  readonly #announced = new Map<string, readonly WantedAddress[]>();
  #wanted: WantedAddresses | null = null;
  /** Those of it. */
  #addresses: ReadonlySet<string> = new Set();
  /** What is ours, by key; null until the journal has been read. What is put there is so before it stands. */
  #own: Map<string, OwnAddress> | null = null;
  #recalling: Promise<Map<string, OwnAddress>> | null = null;
  /** As the last look has left it. */
  #states: ReadonlyMap<string, PlaceState> = new Map();
  #devices: Found['devices'] = new Map();
  readonly #failed = new Map<string, Failed>();
  readonly #news: AddressNews;
  readonly #announcements = new Set<Announcement>();

  constructor(options: AddressKeeperOptions) {
    const usual = { onOwn: () => {}, routes: new RouteNetlink(), announce: announceAddresses, retryDelay: 1_000 };
    this.#options = { ...usual, ...options };
    this.#news = new AddressNews(this.#options.publish);
    this.#contest = new NamedContest(4 * this.#options.retryDelay);
    const onLost = (reason: string): void => this.#options.publish({ type: 'vip-journal-lost', reason });
    this.#journal = new JournalWriter(this.#options.journal, ownKey, onLost);
  }

  /** Takes what is wanted from now on. Nothing is changed before the first of it. Returns at once. */
  want(vips: WantedAddresses): void {
    this.#vips = vips;
    this.#wantAll();
  }

  /** The same of what is announced on a device. Nothing is changed before `want` either. */
  announceOn(device: string, addresses: readonly WantedAddress[]): void {
    if (addresses.length === 0) this.#announced.delete(device);
    else this.#announced.set(device, addresses);
    this.#wantAll();
  }

  #wantAll(): void {
    if (this.#looks.isOver || this.#vips === null) return;
    const wanted = withAnnounced(this.#vips, [...this.#announced.values()].flat());
    this.#wanted = wanted;
    this.#addresses = new Set([...wanted.places.values()].map(({ address }) => address));
    this.#looks.start();
  }

  /** Milliseconds from one look to the next, for what no notification tells. */
  lookEvery(delay: number): void {
    this.#looks.every(delay);
  }

  /** Settles when there is nothing to be done at once, or so many milliseconds have passed. */
  whenSettled(milliseconds: number): Promise<void> {
    return this.#looks.whenSettled(milliseconds);
  }

  /** What is ours, by `ownKey`. Never rejects. */
  async own(): Promise<ReadonlyMap<string, OwnAddress>> {
    return this.#own ?? (await this.#recall());
  }

  statusOf(place: AddressPlace): PlaceStatus {
    const key = placeKey(place);
    const state = this.#states.get(key);
    const failed = this.#failed.get(key);
    const why = failed === undefined ? null : `${failed.reason} (${failed.code})`;
    switch (state) {
      case 'own':
        return { stands: true, why: null };
      case 'foreign':
        return { stands: true, why: 'somebody else has put it there' };
      case 'no device':
        return { stands: false, why: noDevice(place.device).reason };
      case 'device down':
        return { stands: false, why: deviceDown(place.device).reason };
      default:
        return { stands: false, why: why ?? this.#whyAbsent(key) };
    }
  }

  #whyAbsent(place: string): string {
    const isContested = this.#contest.dueOf(place, performance.now()) !== null;
    return isContested
      ? 'somebody removes it each time; it is put back less often now'
      : 'it has not been put there yet';
  }

  /** Lets go; what stands stays, for the next start to find in the journal. */
  async leave(): Promise<void> {
    await this.#stop();
    this.#options.routes.close();
  }

  /** Takes back what `cleanstop` says of ours, then lets go. */
  async close(): Promise<void> {
    await this.#stop();
    const [wanted, own] = [this.#wanted, this.#own];
    if (wanted !== null && own !== null && own.size > 0) {
      try {
        await this.#carryOut(
          { add: [], relabel: [], renew: [], remove: planRemoval(wanted, own, { devices: this.#devices }) },
          own,
        );
        await this.#journal.write([...own.values()]);
      } catch (error) {
        this.#failAll(error);
      }
    }
    this.#options.routes.close();
  }

  async #stop(): Promise<void> {
    await this.#looks.end();
    for (const announcement of this.#announcements) announcement.end();
  }

  async #look(): Promise<number> {
    try {
      return await this.#round(this.#wanted ?? noAddresses);
    } catch (error) {
      this.#failAll(error);
      return performance.now() + this.#options.retryDelay * 5;
    }
  }

  /** Returns when something is to be tried again, in milliseconds of performance.now(). */
  async #round(wanted: WantedAddresses): Promise<number> {
    const { routes } = this.#options;
    this.#own ??= await this.#recall();
    // Who wants no address has no socket for it.
    if (wanted.places.size === 0 && this.#own.size === 0) {
      this.#states = new Map();
      return Number.POSITIVE_INFINITY;
    }
    await routes.listen(this.#listener);
    // In this order: addresses that go with their device are gone after it is seen to be down, and nobody has removed them.
    const standing = await routes.addresses();
    const found = { devices: await this.#devicesOf(wanted), standing };
    const plan = planAddresses(wanted, found, this.#own);
    const now = performance.now();
    this.#tellDrift(plan, wanted, found.devices, now);
    const ready = plan.add.filter((address) => this.#waitFor(placeKey(address), now) <= now);
    const own = ownByKey([...plan.own.values(), ...ready.map(ownOf)]);
    await this.#journal.write([...own.values()]);
    this.#own = own;
    const arrived = this.#arrivedAt(plan, found.devices);
    const before = own.size;
    const added = await this.#carryOut({ ...plan, add: ready }, own);
    if (own.size !== before) this.#options.onOwn();
    await this.#journal.write([...own.values()]);
    this.#devices = found.devices;
    this.#states = new Map([...plan.states, ...added.map((address) => [placeKey(address), 'own'] as const)]);
    for (const [place, state] of this.#states) if (state === 'own' || state === 'foreign') this.#failed.delete(place);
    for (const place of this.#failed.keys()) if (!wanted.places.has(place)) this.#failed.delete(place);
    this.#news.tell(
      wanted.places,
      (place, address) => this.#refusalAt(place, address),
      (place) => this.#states.get(place) === 'foreign',
    );
    this.#announce([...added, ...arrived]);
    const waits = [...wanted.places.keys()].map((place) => this.#waitFor(place, now));
    const lifetimes = [...wanted.places.values()].flatMap(({ lifetime }) => lifetime ?? []);
    const renewals = lifetimes.map((lifetime) => now + lifetime * renewalShare * 1_000);
    return Math.min(Number.POSITIVE_INFINITY, ...waits.filter((at) => at > now), ...renewals);
  }

  #recall(): Promise<Map<string, OwnAddress>> {
    this.#recalling ??= this.#readJournal();
    return this.#recalling;
  }

  async #readJournal(): Promise<Map<string, OwnAddress>> {
    return ownByKey(await this.#journal.read());
  }

  async #devicesOf({ places, unknown }: WantedAddresses): Promise<Map<string, Device>> {
    const devices = new Map<string, Device>();
    for (const name of new Set([...places.values(), ...unknown].map(({ device }) => device))) {
      const device = await this.#options.routes.device(name);
      if (device !== null) devices.set(name, device);
    }
    return devices;
  }

  /** What stood when it was last looked at, on a device that is still there. */
  #tellDrift(plan: AddressPlan, { places }: WantedAddresses, devices: Found['devices'], now: number): void {
    for (const [place, state] of plan.states) {
      const wanted = places.get(place);
      if (wanted === undefined || state !== 'absent' || this.#states.get(place) !== 'own') continue;
      if (devices.get(wanted.device)?.index !== this.#devices.get(wanted.device)?.index) continue;
      const isSuspicious = this.#contest.note(place, now);
      const { address, device } = wanted;
      if (isSuspicious) this.#options.publish({ type: 'vip-contested', address, device });
      else if (this.#contest.dueOf(place, now) === null)
        this.#options.publish({ type: 'vip-drifted', address, device });
    }
  }

  /** When an address may be put there: at once, or when it is its turn again. */
  #waitFor(place: string, now: number): number {
    return Math.max(this.#failed.get(place)?.due ?? now, this.#contest.dueOf(place, now) ?? now);
  }

  /** Ours on devices whose cable has come in: nobody there has heard of them. */
  #arrivedAt(plan: AddressPlan, devices: Found['devices']): OwnAddress[] {
    const arrived = [...devices.values()].filter(({ name, isConnected }) => {
      const before = this.#devices.get(name);
      return isConnected && before !== undefined && !before.isConnected;
    });
    const indexes = new Set(arrived.map(({ index }) => index));
    return [...plan.own.values()].filter(({ index }) => indexes.has(index));
  }

  /** What `own` holds beforehand is what may stand afterwards, and what it holds then does. Gives what was added. */
  async #carryOut(
    { add, relabel, renew, remove }: Pick<AddressPlan, 'add' | 'relabel' | 'renew' | 'remove'>,
    own: Map<string, OwnAddress>,
  ): Promise<(WantedAddress & OwnAddress)[]> {
    if (add.length + relabel.length + renew.length + remove.length === 0) return [];
    const { routes, publish } = this.#options;
    // What moves from one device to another is there before it is gone here.
    const changes: AddressChange[] = [
      ...add.map((address) => ({ type: 'add', address }) as const),
      ...relabel.flatMap((address) => [{ type: 'remove', address } as const, { type: 'add', address } as const]),
      ...remove.map((address) => ({ type: 'remove', address }) as const),
      ...renew.map((address) => ({ type: 'renew', address }) as const),
    ];
    const results = await routes.change(changes);
    const added = add.filter((address, index) => this.#isAdded(address, results[index] ?? null, own));
    for (const { address, device } of added) publish({ type: 'vip-added', address, device });
    for (const [index, address] of relabel.entries()) {
      this.#isAdded(address, results[add.length + 2 * index + 1] ?? null, own);
    }
    for (const [index, address] of remove.entries()) {
      const result = results[add.length + 2 * relabel.length + index] ?? null;
      if (result === null) publish({ type: 'vip-removed', address: address.address, device: address.device });
      if (result === null || isGone(result)) own.delete(ownKey(address));
      else this.#news.fail([address], result);
    }
    return added;
  }

  #isAdded(address: WantedAddress & OwnAddress, refusal: Refusal | null, own: Map<string, OwnAddress>): boolean {
    const place = placeKey(address);
    if (refusal === null) {
      this.#failed.delete(place);
      return true;
    }
    // Somebody was quicker, or it is not known what became of it: the next look tells.
    if (!isUnanswered(refusal)) own.delete(ownKey(address));
    const times = (this.#failed.get(place)?.times ?? 0) + 1;
    this.#failed.set(place, {
      ...refusal,
      times,
      due: performance.now() + pauseAfter(times, this.#options.retryDelay),
    });
    return false;
  }

  #refusalAt(place: string, { device }: WantedAddress): Refusal | null {
    const state = this.#states.get(place);
    if (state === 'no device') return noDevice(device);
    if (state === 'device down') return deviceDown(device);
    // Where it is there already it is found to be somebody else's at once.
    const failed = state === 'absent' ? this.#failed.get(place) : undefined;
    return failed === undefined || failed.code === 'EEXIST' ? null : failed;
  }

  /** Nothing is known of any. */
  #failAll(error: unknown): void {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    this.#news.tell(
      this.#wanted?.places ?? noAddresses.places,
      () => ({ code, reason: message }),
      () => false,
    );
  }

  #announce(addresses: readonly OwnAddress[]): void {
    if (addresses.length === 0 || this.#looks.isOver) return;
    const { routes, announce, publish } = this.#options;
    const announcement = announce(addresses, {
      deviceOf: (name) => routes.device(name),
      isHere: (place) => this.#states.get(placeKey(place)) === 'own',
      onFailure: ({ address, device }, refusal) => publish({ type: 'vip-unannounced', address, device, ...refusal }),
    });
    this.#announcements.add(announcement);
    void announcement.over.then(() => this.#announcements.delete(announcement));
  }

  readonly #listener = {
    onAddress: ({ address }: { readonly address: string }): void => {
      if (this.#addresses.has(address)) this.#looks.startSoon();
    },
    onDevice: ({ name, index }: Device): void => {
      const isKnown = [...this.#devices.values()].some((device) => device.index === index);
      if (isKnown || [...(this.#wanted?.places.values() ?? [])].some(({ device }) => device === name))
        this.#looks.startSoon();
    },
    onLost: (): void => this.#looks.startSoon(),
  };
}

/** What the journal needs of it. */
function ownOf({ family, address, prefix, device, index }: OwnAddress): OwnAddress {
  return { family, address, prefix, device, index };
}

function isGone({ code }: Refusal): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'ENODEV' || code === 'ENXIO';
}

function isUnanswered({ code }: Refusal): boolean {
  return code === 'ETIMEDOUT' || code === 'ENOBUFS' || code === 'EBADMSG' || code === 'EIO';
}
