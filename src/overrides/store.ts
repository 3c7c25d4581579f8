/** Keeps what is asked for real servers: by hand, by files in a directory, and by windows of time. */

import type { Settings } from '../config/settings/rows.js';
import type { Agents } from '../model/agent.js';
import type { Config } from '../model/config.js';
import type { Override } from '../model/override.js';
import { standing } from './by-hand.js';
import { Directory } from './directory.js';
import { addressesToName, type Ending, nothingAsked, type OverrideFiles, type Overrides } from './in-force.js';
import { ReverseNames } from './reverse-names.js';
import { windowOf } from './windows.js';

export interface OverrideStoreOptions {
  /** Called when `all` has changed, other than by whoever called. */
  readonly onChange: () => void;
  /** Names of an address. */
  readonly reverse?: (address: string) => Promise<readonly string[]>;
  /** Whether persistent clients are sent on to a server of weight 0 now. */
  readonly persistsAtZero?: () => boolean;
  /** What agents have said: another value whenever something in it is another. */
  readonly agents?: () => Agents;
}

export class OverrideStore {
  readonly #options: OverrideStoreOptions;
  readonly #names: ReverseNames;
  #config: Config | null = null;
  #directory: Directory | null = null;
  #all: Overrides;
  #closed = false;

  constructor(options: OverrideStoreOptions) {
    this.#options = options;
    this.#names = new ReverseNames({ ...options, onChange: () => this.#change({ aliasesOf: this.#aliases() }) });
    this.#all = {
      ...nothingAsked,
      aliasesOf: this.#aliases(),
      persistsAtZero: this.#persistsAtZero,
    };
  }

  /** As it stands: another value whenever something in it is another. */
  get all(): Overrides {
    const persistsAtZero = this.#persistsAtZero;
    const agents = this.#options.agents?.() ?? nothingAsked.agents;
    if (this.#all.persistsAtZero !== persistsAtZero || this.#all.agents !== agents) {
      this.#all = { ...this.#all, persistsAtZero, agents };
    }
    return this.#all;
  }

  /**
   * Settles, within two seconds, when the directory has been read; until then the one before counts. One call at a time.
   */
  async configure(config: Config, settings: Settings): Promise<void> {
    const path = config.global.maintenancedir;
    const before = this.#directory;
    const onChange = (): void => this.#change({ files: filesIn(this.#directory) });
    const stays = path === (before?.path ?? null);
    const directory = stays ? before : path === null ? null : await Directory.open(path, { onChange });
    if (directory !== before) before?.close();
    if (this.#closed) {
      directory?.close();
      return;
    }
    this.#config = config;
    this.#directory = directory;
    this.#all = { ...this.#all, files: filesIn(directory), windows: settings.maintenance.map(windowOf) };
    this.#askForNames();
  }

  /** What would be asked if these were the configuration and the settings. Settles as `configure` does. */
  async under({ global }: Config, settings: Settings): Promise<Overrides> {
    const windows = settings.maintenance.map(windowOf);
    const path = global.maintenancedir;
    if (path === (this.#directory?.path ?? null)) return { ...this.all, windows };
    const directory = path === null ? null : await Directory.open(path, { onChange: () => {} });
    directory?.close();
    return { ...this.all, files: filesIn(directory), windows };
  }

  /** The directory of the configuration, where it names one. */
  get directory(): Directory | null {
    return this.#directory;
  }

  /** What is asked by hand. */
  get byHand(): readonly Override[] {
    return standing(this.#all.byHand, Date.now());
  }

  set byHand(byHand: readonly Override[]) {
    this.#all = { ...this.#all, byHand };
  }

  /** Who ends now what was asked by hand. */
  set ending(ending: Ending | null) {
    this.#all = { ...this.#all, ending };
  }

  close(): void {
    this.#closed = true;
    this.#directory?.close();
    this.#names.close();
  }

  /** Another function whenever it may give others. */
  #aliases(): Overrides['aliasesOf'] {
    return (address) => this.#names.of(address);
  }

  get #persistsAtZero(): boolean {
    return this.#options.persistsAtZero?.() ?? false;
  }

  #change(change: Partial<Overrides>): void {
    if (this.#closed) return;
    this.#all = { ...this.#all, ...change };
    if (change.files) this.#askForNames();
    this.#options.onChange();
  }

  #askForNames(): void {
    if (this.#config !== null) this.#names.want(addressesToName(this.#config, this.#all.files));
  }
}

/** Hidden files are nobody's. */
function filesIn(directory: Directory | null): OverrideFiles {
  if (directory === null) return nothingAsked.files;
  const names = [...directory.names].filter((name) => !name.startsWith('.'));
  return {
    directory: directory.path,
    names: new Map(names.map((name) => [name.toLowerCase(), name])),
    notes: directory.notes,
  };
}
