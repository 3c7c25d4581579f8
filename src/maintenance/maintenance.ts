/** Which real servers are held out of the table, and why: by files in a directory, and by windows of time. */

import type { Config, RealServer } from '../config/model.js';
import type { Settings } from '../config/setting-rows.js';
import type { Event } from '../events.js';
import type { Admin, Hold } from '../reconcile/desired.js';
import { Directory } from './directory.js';
import { byName, changesOf, nobody } from './held.js';
import { ReverseNames } from './reverse-names.js';
import { namesOf } from './server-names.js';
import { concerns, minute, type Window, windowOf } from './windows.js';

export interface MaintenanceOptions {
  /** Called when the answer of `update` may have changed. */
  readonly onChange: () => void;
  readonly reverse?: (address: string) => Promise<readonly string[]>;
}

export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #names: ReverseNames;
  #directory: Directory | null = null;
  #windows: readonly Window[] = [];
  #held = nobody;
  #minute: NodeJS.Timeout | null = null;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#names = new ReverseNames(options);
  }

  /** Settles, within two seconds, when the directory has been read. */
  async configure({ global }: Config, settings: Settings): Promise<void> {
    this.#windows = settings.maintenance.map(windowOf);
    const path = global.maintenancedir;
    this.#lookAgain(this.#windows.length > 0 || path !== null);
    if (path === (this.#directory?.path ?? null)) return;
    this.#directory?.close();
    this.#directory = null;
    if (path !== null) this.#directory = await Directory.open(path, this.#options);
  }

  /** Who is held out of a configuration at `now`, in milliseconds since 1970, and what is new in that. */
  update(config: Config, now: number): { readonly admin: Admin; readonly events: readonly Event[] } {
    const admin = this.#admin(config, now);
    const held = byName(config, admin);
    const events = changesOf(this.#held, held);
    this.#held = held;
    return { admin, events };
  }

  /** A file goes before a window. */
  #admin({ virtuals }: Config, now: number): Admin {
    const windows = this.#windows.filter(({ isOpen }) => isOpen(now));
    const files = this.#files();
    const held = new Map<RealServer, Hold>();
    if (windows.length === 0 && files.size === 0) {
      this.#names.want(new Set());
      return held;
    }
    const addresses = new Set<string>();
    const claimed = new Set<string>();
    for (const virtual of virtuals) {
      for (const real of virtual.realServers) {
        const { address } = real.host;
        if (address !== null) addresses.add(address);
        const written = files.size === 0 ? [] : namesOf(real).filter((name) => files.has(name));
        for (const name of written) claimed.add(name);
        const file = written[0] ?? this.#aliasFile(real, files);
        const window = windows.find((open) => concerns(open, virtual, real));
        if (file !== undefined) {
          held.set(real, { how: 'down', reason: `file ${files.get(file)} in ${this.#directory?.path}` });
        } else if (window) held.set(real, { how: 'drain', reason: `window ${window.name}` });
      }
    }
    // Only a file that is no server's by address or written name is worth asking the DNS for.
    this.#names.want(claimed.size === files.size ? new Set() : addresses);
    return held;
  }

  close(): void {
    this.#lookAgain(false);
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
