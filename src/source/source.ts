/** The configuration file and the settings beside it while a daemon runs: when they change, and what counts as a change. */

import type { Diagnostic } from '../config/diagnostics.js';
import { type Loaded, readText } from '../config/load.js';
import type { Config } from '../config/model.js';
import type { Addresses, Lookup } from '../config/resolve.js';
import type { Settings } from '../config/setting-rows.js';
import { type LoadedSettings, loadSettings, unreadable } from '../config/settings.js';
import type { EventBus } from '../events.js';
import { FileWatch } from '../process/file-watch.js';
import { understand, type Valid } from './read.js';

/** Why the file is read again: on request, since it may have changed, or since it stood empty for a while. */
export type Occasion = 'request' | 'touch' | 'patience';

export interface SourceOptions {
  readonly file: string;
  readonly strict: boolean;
  readonly backend: string;
  readonly lookup: Lookup;
  readonly bus: EventBus;
  /** The files may be worth reading again. */
  readonly onOccasion: (occasion: Occasion) => void;
}

/** A version of the file that was read again. */
export interface Reread extends Loaded {
  /** The settings file where there is a new version of it, too. */
  readonly newSettings: string | null;
  /** The settings as they stand in their file now. */
  readonly settingsRead: LoadedSettings;
}

/** Milliseconds for which a file without a single service must stand before autoreload believes it. */
const emptyFilePatience = 1_000;

export class Source {
  readonly #options: SourceOptions;
  /** Of the version that was read last, whether it rules or not. */
  #text: string;
  /** The version that was told last where autoreload is off. */
  #ignored: string | null = null;
  #settings: LoadedSettings;
  #watches: FileWatch[] = [];
  #emptyFile: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: SourceOptions, loaded: Valid, settings: LoadedSettings) {
    this.#options = options;
    this.#text = loaded.text;
    this.#settings = settings;
    this.#tell(options.file, loaded);
    this.#tell(settings.file, settings);
  }

  get settings(): Settings {
    return this.#settings.settings;
  }

  /** From here on changes on disk are noticed. */
  async watch(): Promise<void> {
    const onTouch = (): void => this.#options.onOccasion('touch');
    for (const path of [this.#options.file, this.#settings.file]) {
      const watch = await FileWatch.open(path, { onTouch });
      if (this.#closed) watch.close();
      else this.#watches.push(watch);
    }
  }

  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    if (this.#emptyFile) clearTimeout(this.#emptyFile);
  }

  /**
   * Reads the files again, while `ruling` rules, whose names have the addresses `known`; null where nothing is to
   * change. Rejects where the configuration cannot be read.
   */
  async read(occasion: Occasion, ruling: Config, known: Addresses): Promise<Reread | null> {
    if (occasion === 'patience') this.#emptyFile = null;
    const { file, bus, strict, backend, lookup } = this.#options;
    const [text, settings] = await Promise.all([readText(file), loadSettings(file)]);
    if (occasion !== 'request' && text === this.#text && settings.text === this.#settings.text) return null;
    if (occasion !== 'request' && !ruling.global.autoreload) {
      this.#ignore(text);
      return null;
    }
    const loaded = await understand(text, { strict, backend, lookup, known });
    if (this.#closed) return null;
    // An editor that truncates before it writes must not take every service down in between.
    if (occasion === 'touch' && loaded.config?.virtuals.length === 0 && ruling.virtuals.length > 0) {
      this.#emptyFile ??= setTimeout(() => this.#options.onOccasion('patience'), emptyFilePatience);
      return null;
    }
    if (text !== this.#text && text !== this.#ignored) bus.publish({ type: 'config-changed', file });
    const newSettings = this.#takeSettings(settings);
    this.#text = text;
    this.#tell(file, loaded);
    return { ...loaded, newSettings, settingsRead: settings };
  }

  /** Without autoreload a new version is told once, and `callback` hears of it; only a request takes it over. */
  #ignore(text: string): void {
    if (text === this.#ignored || text === this.#text) return;
    this.#ignored = text;
    const { file, bus } = this.#options;
    bus.publish({ type: 'config-changed', file });
    bus.publish({ type: 'config-rejected', reason: 'autoreload is off; reload to take it over' });
  }

  /** The file where there is a new version of it; otherwise null. */
  #takeSettings(settings: LoadedSettings): string | null {
    const { file } = settings;
    this.#tell(file, settings);
    // A file that cannot be read just now says what it said before.
    if (settings.diagnostics.some(({ code }) => code === unreadable)) return null;
    const changed = settings.text !== this.#settings.text;
    this.#settings = settings;
    if (!changed) return null;
    this.#options.bus.publish({ type: 'settings-changed', file });
    return file;
  }

  /** Tells what is to be said about lines of the configuration. */
  tell(diagnostics: readonly Diagnostic[]): void {
    this.#tell(this.#options.file, { diagnostics });
  }

  /** Tells what is to be said about lines of the settings. */
  tellOfSettings(diagnostics: readonly Diagnostic[]): void {
    this.#tell(this.#settings.file, { diagnostics });
  }

  #tell(file: string, { diagnostics }: Pick<Loaded, 'diagnostics'>): void {
    for (const diagnostic of diagnostics) this.#options.bus.publish({ type: 'config-diagnostic', file, diagnostic });
  }
}
