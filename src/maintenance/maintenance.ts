/**
 * Which real servers are held out of the table, and why: by files in a directory, by hand, and by windows of time; and
 * which have another weight than the file's.
 */

import type { Config, RealServer, Virtual } from '../config/model.js';
import type { Settings } from '../config/setting-rows.js';
import type { Event } from '../events.js';
import { type Admin, type Hold, nothingAsked, type Override } from '../reconcile/desired.js';
import { Directory } from './directory.js';
import { type ByName, byName, changesOf, nobody, weightChanges } from './held.js';
import { nextEnd, type Order, OrderIndex, standing } from './orders.js';
import { ReverseNames } from './reverse-names.js';
import { namesOf } from './server-names.js';
import { concerns, minute, type Window, windowOf } from './windows.js';

export interface MaintenanceOptions {
  /** Called when the answer of `update` may have changed. */
  readonly onChange: () => void;
  readonly reverse?: (address: string) => Promise<readonly string[]>;
  /** Whether persistent clients are sent on to a server of weight 0 now. */
  readonly persistsAtZero?: () => boolean;
}

type Names = Pick<ReverseNames, 'want' | 'of' | 'close'>;

const drainedByHand = 'drained by hand';
/** Milliseconds; a timer of Node's takes no more than 31 bits. */
const longestTimer = 3_600_000;

export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #names: Names;
  #directory: Directory | null = null;
  #windows: readonly Window[] = [];
  #orders: readonly Order[] = [];
  #admin: Admin = nothingAsked;
  #held: ByName<Hold> = nobody;
  #weights: ByName<Override> = nobody;
  #minute: NodeJS.Timeout | null = null;
  #orderEnds: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: MaintenanceOptions, names: Names = new ReverseNames(options)) {
    this.#options = options;
    this.#names = names;
  }

  /**
   * Settles, within two seconds, when the directory has been read; until then the one before counts. One call at a time.
   */
  async configure({ global }: Config, settings: Settings): Promise<void> {
    const path = global.maintenancedir;
    const before = this.#directory;
    const directory =
      path === (before?.path ?? null) ? before : path === null ? null : await Directory.open(path, this.#options);
    if (directory !== before) before?.close();
    if (this.#closed) {
      directory?.close();
      return;
    }
    this.#directory = directory;
    this.#windows = settings.maintenance.map(windowOf);
    this.#lookAgain(this.#windows.length > 0 || path !== null);
  }

  /** The directory of the configuration, where it names one. */
  get directory(): Directory | null {
    return this.#directory;
  }

  /** What was asked for by hand. */
  get orders(): readonly Order[] {
    return this.#orders;
  }

  /** Counts from the next `update` on. */
  set orders(orders: readonly Order[]) {
    this.#orders = orders;
    this.#awaitEnd();
  }

  /** As `update` found it last. */
  get admin(): Admin {
    return this.#admin;
  }

  /** Whether persistent clients are sent on to a server of weight 0 now. */
  get persistsAtZero(): boolean {
    return this.#options.persistsAtZero?.() ?? false;
  }

  /** What is asked for the servers of a configuration at `now`, in milliseconds since 1970. */
  askedOf(config: Config, now: number): Admin {
    this.#orders = standing(this.#orders, now);
    return { held: this.#heldAt(config, now), weights: this.#weightsOf(config) };
  }

  /** What would be asked if these were the configuration and the settings. Settles as `configure` does. */
  async askedUnder(config: Config, settings: Settings, now: number): Promise<Admin> {
    const nobody = (): void => {};
    const names = { want: nobody, of: (address: string) => this.#names.of(address), close: nobody };
    const other = new Maintenance({ ...this.#options, onChange: nobody }, names);
    other.#orders = this.#orders;
    try {
      await other.configure(config, settings);
      return other.askedOf(config, now);
    } finally {
      other.close();
    }
  }

  /** As `askedOf`, which counts from now on, and what is new in that. */
  update(config: Config, now: number): { readonly admin: Admin; readonly events: readonly Event[] } {
    const admin = this.askedOf(config, now);
    this.#admin = admin;
    const held = byName(config, admin.held);
    const weights = byName(config, admin.weights);
    const events = [...changesOf(this.#held, held), ...weightChanges(this.#weights, weights)];
    this.#held = held;
    this.#weights = weights;
    return { admin, events };
  }

  /** A file goes before what was asked for by hand, and that before a window. */
  #heldAt({ virtuals }: Config, now: number): Admin['held'] {
    const windows = this.#windows.filter(({ isOpen }) => isOpen(now));
    const drains = new OrderIndex(this.#orders, 'drain');
    const files = this.#files();
    const held = new Map<RealServer, Hold>();
    if (windows.length === 0 && files.size === 0 && drains.isEmpty) {
      this.#names.want(new Set());
      return held;
    }
    const persists = this.persistsAtZero;
    const addresses = new Set<string>();
    const claimed = new Set<string>();
    for (const virtual of virtuals) {
      for (const real of virtual.realServers) {
        const { address } = real.host;
        if (address !== null) addresses.add(address);
        const written = files.size === 0 ? [] : namesOf(real).filter((name) => files.has(name));
        for (const name of written) claimed.add(name);
        const file = files.get(written[0] ?? this.#aliasFile(real, files) ?? '');
        const window = windows.find((open) => concerns(open, virtual, real));
        if (file !== undefined) held.set(real, this.#heldBy(file, virtual, persists));
        else if (drains.of(virtual, real)) held.set(real, drained(virtual, drainedByHand, persists));
        else if (window) held.set(real, drained(virtual, `window ${window.name}`, persists));
      }
    }
    // Only a file that is no server's by address or written name is worth asking the DNS for.
    this.#names.want(claimed.size === files.size ? new Set() : addresses);
    return held;
  }

  #heldBy(file: string, virtual: Virtual, persists: boolean): Hold {
    const reason = `file ${file} in ${this.#directory?.path}`;
    return this.#directory?.drains.has(file)
      ? drained(virtual, `${drainedByHand}, ${reason}`, persists)
      : { how: 'down', reason };
  }

  #weightsOf({ virtuals }: Config): Admin['weights'] {
    const asked = new OrderIndex(this.#orders, 'weight');
    const weights = new Map<RealServer, Override>();
    if (asked.isEmpty) return weights;
    for (const virtual of virtuals) {
      for (const real of virtual.realServers) {
        const order = asked.of(virtual, real);
        if (order) weights.set(real, { weight: order.weight, until: order.until });
      }
    }
    return weights;
  }

  close(): void {
    this.#closed = true;
    this.#lookAgain(false);
    if (this.#orderEnds) clearTimeout(this.#orderEnds);
    this.#directory?.close();
    this.#names.close();
  }

  /** At the next minute, when windows begin and end, and old answers about names are asked for again. */
  #lookAgain(wanted: boolean): void {
    if (this.#minute) clearTimeout(this.#minute);
    this.#minute = null;
    if (!wanted) return;
    const again = (): void => {
      this.#lookAgain(true);
      this.#options.onChange();
    };
    this.#minute = setTimeout(again, minute - (Date.now() % minute)).unref();
  }

  /** A clock that is set meanwhile is met at the next look. */
  #awaitEnd(): void {
    if (this.#orderEnds) clearTimeout(this.#orderEnds);
    const end = nextEnd(this.#orders);
    if (end === null) return;
    const wait = Math.min(Math.max(end - Date.now(), 0), longestTimer) + 1;
    const ended = (): void => {
      this.orders = standing(this.#orders, Date.now());
      this.#options.onChange();
    };
    this.#orderEnds = setTimeout(ended, wait).unref();
  }

  /** By their names in lower case, as host names are compared; hidden files are nobody's. */
  #files(): ReadonlyMap<string, string> {
    const names = [...(this.#directory?.names ?? [])].filter((name) => !name.startsWith('.'));
    return new Map(names.map((name) => [name.toLowerCase(), name]));
  }

  #aliasFile(real: RealServer, files: ReadonlyMap<string, string>): string | undefined {
    const aliases = real.host.address === null ? [] : this.#names.of(real.host.address);
    return aliases.length === 0 ? undefined : namesOf(real, aliases).find((name) => files.has(name));
  }
}

/**
 * Clients that are sent on to a server of weight 0 would be sent to one that is dead: persistent ones, and those of UDP
 * that keep their port. Such a drain ends with the checks.
 */
function drained(virtual: Virtual, reason: string, persists: boolean): Hold {
  if (virtual.persistent !== null && persists) {
    return { how: 'drain-while-up', reason: `${reason}; its persistent clients still come` };
  }
  return { how: virtual.endpoint.protocol === 'udp' ? 'drain-while-up' : 'drain', reason };
}
