/** What this director is among several: its role, and what follows from it. One part of the daemon. */

import { setTimeout as sleep } from 'node:timers/promises';
import { defaultSettings, type Settings } from '../config/settings/rows.js';
import type { Publish } from '../events.js';
import type { Config, Virtual } from '../model/config.js';
import { vipOf } from '../model/endpoint.js';
import { alwaysActive, isActiveAt, isSameRole, type RoleInForce, type RoleStatus } from '../model/role.js';
import type { AddressKeeper } from '../path/addresses/keeper.js';
import type { OwnAddress } from '../path/addresses/plan.js';
import type { Standings } from '../reconcile/standings/standings.js';
import type { AnnouncementStatus, SyncStatus } from '../status/model.js';
import type { Announcing } from './announce/announcing.js';
import type { AnnouncementFile } from './announce/kept.js';
import { openAnnouncing } from './announce/open.js';
import type { Stands } from './announce/vip-health.js';
import { fitnessOf } from './fitness/fitness.js';
import { FitnessTeller } from './fitness/teller.js';
import { DirectorHandover, type Handover } from './handover.js';
import { always } from './role/always.js';
import { AddressRole } from './role/by-address.js';
import { roleEvents } from './role/news.js';
import { type Asked, isSameAsked, openRole } from './role/open.js';
import type { Role } from './role/role.js';
import type { Self, Shared } from './shared/shared.js';
import type { Sharing } from './shared/sharing.js';
import { SharedStore } from './store/shared-store.js';
import { SyncKeeper, type SyncKeeperOptions } from './sync/keeper.js';

export interface DirectorsOptions {
  /** The name of the configuration file, without its ending: it is the same on directors that share. */
  readonly instance: string;
  readonly publish: Publish;
  /** What comes of a store that is shared; absent where nothing does. */
  readonly share?: (store: SharedStore) => Sharing;
  /** The addresses that this program has put on the machine, by `ownKey`. */
  readonly ownAddresses: () => Promise<ReadonlyMap<string, OwnAddress>>;
  readonly sync: Pick<SyncKeeperOptions, 'daemons' | 'journal'>;
  /** This director is active for others than before. */
  readonly onRole: () => void;
  /** Whether the service of a virtual stands in the table. */
  readonly stands: Stands;
  /** Who puts addresses on devices; null where nobody does. */
  readonly addresses: AddressKeeper | null;
  /** Names of other directors that are ready for clients; null where nobody knows. */
  readonly othersReady?: () => readonly string[] | null;
  /** Where it is kept what is announced; without it a restart forgets it. */
  readonly announcementFile?: AnnouncementFile;
}

/** Milliseconds that a configuration waits for somebody to say what the role is. */
const rolePatience = 2_000;

export class Directors {
  /** What directors share. */
  readonly store: SharedStore;
  readonly handover: Handover;
  /** Null where nothing comes of it. */
  readonly sharing: Sharing | null;
  readonly #options: DirectorsOptions;
  /** Who says the role, and by which settings. */
  #source: Role = always;
  #asked: Asked = defaultSettings.role;
  /** Addresses of the virtual services. */
  #vips: ReadonlySet<string> = new Set();
  #role: RoleInForce = alwaysActive;
  /** Of those who say nothing any more. */
  #closing: Promise<unknown> = Promise.resolve();
  #settings = defaultSettings;
  readonly #announcing: Announcing;
  #resuming: Promise<void> | null = null;
  #isClosed = false;
  readonly #sync: SyncKeeper;
  #syncAsked = defaultSettings.sync;
  readonly #teller: FitnessTeller;
  #decided: Standings | null = null;
  /** When it became what it is, in milliseconds since 1970. */
  #since = Date.now();
  /** Whether each service has had a first result. */
  #isInformed = false;
  /** Whether services stay when this program stops: then the other director hears of their connections still. */
  #areToStay = false;

  constructor(options: DirectorsOptions) {
    this.#options = options;
    const { publish, stands, addresses, announcementFile, othersReady } = options;
    this.#teller = new FitnessTeller({ publish });
    this.#sync = new SyncKeeper({ ...options.sync, publish });
    this.store = new SharedStore(options);
    this.sharing = options.share?.(this.store) ?? null;
    this.#announcing = openAnnouncing({
      publish,
      stands,
      keeper: addresses,
      commandTimeout: () => this.#settings.commandTimeout * 1_000,
      isActiveFor: (address) => isActiveAt(this.#role, address),
      isDownEverywhere: (address) => this.shared?.isDownOnAll(address) ?? false,
      ...(announcementFile && { file: announcementFile }),
    });
    this.handover = new DirectorHandover({
      announcing: this.#announcing,
      publish,
      isFollowed: () => this.#settings.announce.length > 0 || this.#teller.isAsked,
      othersReady: () => (this.shared === null ? (othersReady?.() ?? null) : this.shared.readyOthers),
      onChange: () => {
        this.#tellFitness();
        this.shared?.touch();
      },
    });
  }

  /** What directors share; null where there is no store. */
  get shared(): Shared | null {
    return this.sharing?.shared ?? null;
  }

  /** What this director says to others of what follows from its role. */
  get self(): Pick<Self, 'role' | 'vips' | 'downVips' | 'fitness' | 'checks' | 'leaving'> {
    const { word, held } = this.#role;
    // Where nobody elects, each is active for everything; whoever is said to be without addresses is for all of them.
    const all = this.#asked.role.by === 'always' ? null : word === 'passive' ? [] : [...this.#vips];
    const vips = held === null ? all : [...held];
    const downVips = this.#announcing.status.flatMap(({ address, isHealthy }) => (isHealthy ? [] : address));
    const leaving = this.handover.current !== null;
    const checks = word !== 'passive' || this.#settings.role.checks === 'always';
    return { role: word, vips, downVips, fitness: this.toldFitness, checks, leaving };
  }

  /** Whether the address of a virtual is announced; null where no section of the settings is about it. */
  announcementOf({ endpoint }: Pick<Virtual, 'endpoint'>): AnnouncementStatus | null {
    const address = vipOf(endpoint);
    return address === null ? null : this.#announcing.statusOf(address);
  }

  /** As it was told last. */
  get role(): RoleInForce {
    return this.#role;
  }

  get roleStatus(): RoleStatus {
    const { held, ...role } = this.#role;
    return { ...role, by: this.#asked.role.by, since: this.#since, held: held && [...held] };
  }

  /**
   * Which other director says for all what is about servers; null where this one does. Where somebody elects, the active one
   * does, and knows that sooner than the store.
   */
  get speaker(): string | null {
    return this.#asked.role.by === 'always' ? (this.shared?.speaker ?? null) : null;
  }

  /** Why this director could not take over, a sentence each; none where it could. A reload does not change that. */
  unready(standings: () => Standings): readonly string[] {
    const open = this.#isInformed ? 0 : fitnessOf(checkedIn(standings())).open;
    this.#isInformed = open === 0;
    const unsettled = this.#sync.unsettled;
    return [
      ...(open === 0 ? [] : [`${open} ${open === 1 ? 'service has' : 'services have'} no first result yet`]),
      ...(unsettled === null ? [] : [unsettled]),
      ...(this.shared?.unready ? [this.shared.unready] : []),
      ...(this.handover.current === null ? [] : ['its clients go to other directors by `handover`']),
    ];
  }

  /**
   * A configuration is going to rule with these settings. Settles when its role is known, or within some seconds. Never
   * rejects.
   */
  async configure(settings: Settings, config: Config): Promise<void> {
    if (this.sharing === null) await this.store.configure(settings.store);
    else await this.sharing.takeOver(settings.store, config);
    const before = this.#source;
    const vips = vipsOf(config);
    const source = isSameAsked(settings.role, this.#asked) ? before : this.#open(settings.role);
    const late = new AbortController();
    const over = sleep(rolePatience, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([source.follow(vips), over]);
    late.abort();
    if (this.#isClosed) {
      await source.close();
      return;
    }
    // Until the new one says something the one before counts.
    this.#asked = settings.role;
    this.#vips = vips;
    this.#source = source;
    const { table, checks } = settings.role;
    if (this.#role.table !== table || this.#role.checks !== checks) this.#role = { ...this.#role, table, checks };
    this.#take(source, false);
    if (source !== before) this.#closing = Promise.all([this.#closing, before.close()]);
    this.#resuming ??= this.#announcing.resume();
    await this.#resuming;
    this.#settings = settings;
    this.#announcing.configure(settings.announce);
    this.#areToStay = config.virtuals.some(({ cleanstop }) => !cleanstop);
    this.#syncAsked = settings.sync;
    this.#synchronize();
    this.#sync.lookEvery(settings.auditInterval * 1_000);
    this.#teller.configure(settings.role);
  }

  /** Waits for what follows the role, for some time, and gives what does not stand yet and why, a sentence each. */
  async missing(milliseconds: number): Promise<readonly string[]> {
    await this.#sync.whenSettled(milliseconds);
    return this.#sync.status.flatMap(({ state, why }) => (why === null ? [] : `synchronization, ${state}: ${why}`));
  }

  /** The synchronization daemons that are wanted. */
  get sync(): readonly SyncStatus[] {
    return this.#sync.status;
  }

  /** It has been decided what becomes of each server. */
  decided(standings: Standings): void {
    this.#decided = standings;
    this.#announcing.decided(standings);
    this.#tellFitness();
    this.shared?.touch();
  }

  #tellFitness(): void {
    if (!this.#teller.isAsked) return;
    const { fitness } = this;
    // Until then what a run before has told stays: a restart is no fault.
    if (this.#isInformed) this.#teller.tell(fitness);
  }

  /** What other directors say of themselves is another. */
  noteOthers(): void {
    this.#announcing.look();
  }

  /** The table has been brought up to date, or was found to be. */
  noteTable(): void {
    this.#announcing.noteTable();
  }

  /**
   * How fit this director is, as far as has been decided: a share of 100; 0 before all services have a first
   * result, and while it is handed over.
   */
  get fitness(): number {
    if (this.#decided === null) return 0;
    const { share, open } = fitnessOf(checkedIn(this.#decided));
    this.#isInformed ||= open === 0;
    return this.#isInformed && this.handover.current === null ? share : 0;
  }

  /** The same; null where nobody is told. */
  get toldFitness(): number | null {
    return this.#teller.isAsked ? this.fitness : null;
  }

  /** Addresses have become this program's own, or are so no longer. */
  noteOwnAddresses(): void {
    if (this.#source instanceof AddressRole) this.#source.look();
  }

  /** Lets go; what stands stays for the next start. */
  async leave(): Promise<void> {
    await this.#announcing.leave();
    await Promise.all([this.#end(), this.#sync.leave(), this.#teller.close(null)]);
  }

  /** Takes back what is not to stay, then lets go. */
  async close(): Promise<void> {
    await this.#announcing.close();
    const synchronized = this.#areToStay ? this.#sync.leave() : this.#sync.close();
    await Promise.all([this.#end(), synchronized, this.#teller.close(0)]);
  }

  async #end(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#closing, this.#source.close(), this.sharing?.close()]);
    await this.store.close();
  }

  /** Where nobody says the role this director counts as active. */
  #synchronize(): void {
    this.#sync.want(this.#syncAsked, this.#role.word !== 'passive');
  }

  #open(asked: Asked): Role {
    const source = openRole(asked, { own: this.#options.ownAddresses, onChange: () => this.#take(source) });
    return source;
  }

  /** A configuration that is going to rule goes by it anyway. */
  #take(source: Role, isNews = true): void {
    const before = this.#role;
    const { state } = source;
    if (source !== this.#source || isSameRole(before, state)) return;
    const { word, held, fault } = state;
    this.#role = { ...before, word, held, fault };
    if (before.word !== state.word) this.#since = Date.now();
    const events = roleEvents(before, state);
    for (const event of events) this.#options.publish(event);
    this.shared?.touch();
    if (!isNews || !events.some(({ type }) => type === 'role-changed')) return;
    this.#synchronize();
    this.#options.onRole();
  }
}

/** Of services that nobody checks while this director is passive nothing is to be known. */
function checkedIn(standings: Standings): Standings {
  const { config, role, passive } = standings;
  if (role.checks !== 'active' || passive.size === 0) return standings;
  return { ...standings, config: { ...config, virtuals: config.virtuals.filter((virtual) => !passive.has(virtual)) } };
}

function vipsOf({ virtuals }: Config): Set<string> {
  return new Set(virtuals.flatMap(({ endpoint }) => vipOf(endpoint) ?? []));
}
