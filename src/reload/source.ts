/** The configuration file and the settings beside it while a daemon runs: when they change, and what counts as a change. */

import type { Diagnostic } from '../config/diagnostics/diagnostics.js';
import type { Loaded, Understood } from '../config/load.js';
import type { Addresses, Lookup } from '../config/resolve.js';
import type { Settings } from '../config/settings/rows.js';
import { type LoadedSettings, loadSettings, unreadable } from '../config/settings/settings.js';
import { readText } from '../config/text.js';
import type { Publish } from '../events.js';
import { type BackendName, type Capabilities, capabilitiesOf } from '../ipvs/capabilities.js';
import type { Config } from '../model/config.js';
import { FileWatch } from '../process/file-watch.js';
import { inSlices, type Work } from '../slices.js';
import { understand, type Valid } from './read.js';

/** Why the file is read again: on request, since it may have changed, or since it stood as it is for a while. */
export type Occasion = 'request' | 'touch' | 'patience';

export interface SourceOptions {
  readonly file: string;
  readonly strict: boolean;
  /** Of the backend that holds the table. */
  readonly capabilities: Capabilities;
  /** What the settings asked for when it was opened; absent where the command line goes before them. */
  readonly backendSetting?: BackendName;
  readonly lookup: Lookup;
  readonly publish: Publish;
  /** The files may be worth reading again. */
  readonly onOccasion: (occasion: Occasion) => void;
  /** Milliseconds for which files that lack something must stand unchanged before autoreload believes them. */
  readonly patience?: number;
}

/** A version of the file that was read again. */
export interface Reread extends Loaded {
  /** The settings file where there is a new version of it, too. */
  readonly newSettings: string | null;
  /** The settings as they stand in their file now. */
  readonly settingsRead: LoadedSettings;
}

/** What rules now. */
export interface Ruling {
  readonly config: Config;
  readonly text: string;
  /** What its names stand for. */
  readonly addresses: Addresses;
}

const defaultPatience = 1_000;

export class Source {
  readonly #options: SourceOptions;
  /** Of the version that was read last, whether it rules or not. */
  #text: string;
  #understood: Understood | null;
  /** The version that was told last where autoreload is off. */
  #ignored: string | null = null;
  #settings: LoadedSettings;
  #watches: FileWatch[] = [];
  /** Files that lack something, as they were found, and since when they stand so, in milliseconds. */
  #doubted: { readonly found: string; readonly since: number } | null = null;
  #patience: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: SourceOptions, loaded: Valid, settings: LoadedSettings) {
    this.#options = options;
    this.#text = loaded.text;
    this.#understood = loaded.understood ?? null;
    this.#settings = settings;
    this.#tell(options.file, loaded);
    this.#tell(settings.file, this.#judge(settings));
  }

  get settings(): Settings {
    return this.#settings.settings;
  }

  /** From here on changes on disk are noticed, and so is what has changed since the files were loaded. */
  async watch(): Promise<void> {
    const onTouch = (): void => this.#options.onOccasion('touch');
    for (const path of [this.#options.file, this.#settings.file]) {
      const watch = await FileWatch.open(path, { onTouch });
      if (this.#closed) watch.close();
      else this.#watches.push(watch);
    }
    if (!this.#closed) onTouch();
  }

  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    this.#believe();
  }

  /** Reads the files again; null where nothing is to change. Rejects where the configuration cannot be read. */
  async read(occasion: Occasion, ruling: Ruling): Promise<Reread | null> {
    const { file, publish, strict, capabilities, lookup } = this.#options;
    const [text, found] = await Promise.all([readText(file), loadSettings(file)]);
    if (this.#closed) return null;
    const settings = this.#judge(found);
    const isNew = text !== this.#text || settings.text !== this.#settings.text;
    if (occasion === 'request' || !isNew) this.#believe();
    else if (await this.#doubts(text, settings, ruling)) return null;
    if (occasion !== 'request') {
      if (isNew && !ruling.config.global.autoreload) this.#ignore(text);
      if (!isNew || !ruling.config.global.autoreload) return null;
    }
    const before = this.#understood;
    const loaded = await understand(text, { strict, capabilities, lookup, known: ruling.addresses, before });
    if (this.#closed) return null;
    if (loaded.config !== null) this.#understood = loaded.understood ?? null;
    if (text !== this.#text && text !== this.#ignored) publish({ type: 'config-changed', file });
    const newSettings = this.#takeSettings(settings);
    this.#text = text;
    this.#tell(file, loaded);
    return { ...loaded, newSettings, settingsRead: settings };
  }

  /**
   * What a reload would find if the file said `text`; null is as it stands on disk. Nothing is told and nothing changes.
   * Rejects where the configuration cannot be read.
   */
  async foresee(text: string | null, isStrict: boolean, ruling: Ruling): Promise<Loaded & { settings: Settings }> {
    const { file, strict, capabilities, lookup } = this.#options;
    const [given, settings] = await Promise.all([text ?? readText(file), loadSettings(file)]);
    const before = this.#understood;
    const options = { strict: strict || isStrict, capabilities, lookup, known: ruling.addresses, before };
    const loaded = await understand(given, options);
    return { ...loaded, settings: isUnreadable(settings) ? this.settings : settings.settings };
  }

  /**
   * A file that lacks something of what rules may be the half of one that is being written, by an editor that empties it
   * first or a copy over a slow line: what it leaves out goes only once it has stood unchanged for a while.
   */
  async #doubts(text: string, settings: LoadedSettings, ruling: Ruling): Promise<boolean> {
    // Settings that cannot be read leave nothing out: those of before hold.
    const lacks =
      (await inSlices(isHalf(text, ruling.text))) ||
      (!isUnreadable(settings) && (await inSlices(isHalf(settings.text, this.#settings.text))));
    const since = performance.now();
    const found = `${text}\0${settings.text}`;
    const doubted = this.#doubted?.found === found ? this.#doubted : { found, since };
    const left = doubted.since + (this.#options.patience ?? defaultPatience) - since;
    this.#believe();
    if (!lacks || left <= 0 || this.#closed) return this.#closed;
    this.#doubted = doubted;
    this.#patience = setTimeout(() => this.#options.onOccasion('patience'), left);
    return true;
  }

  #believe(): void {
    this.#doubted = null;
    if (this.#patience) clearTimeout(this.#patience);
  }

  /** Without autoreload a new version is told once, and `callback` hears of it; only a request takes it over. */
  #ignore(text: string): void {
    if (text === this.#ignored || text === this.#text) return;
    this.#ignored = text;
    const { file, publish } = this.#options;
    publish({ type: 'config-changed', file });
    publish({ type: 'config-rejected', reason: 'autoreload is off; reload to take it over' });
  }

  /** With what is to be said of another backend, which nobody can change to while it holds the table. */
  #judge(settings: LoadedSettings): LoadedSettings {
    const { backendSetting, capabilities } = this.#options;
    if (backendSetting === undefined || isUnreadable(settings)) return settings;
    const [asked, holds] = [settings.settings.backend, backendSetting].map((name) => capabilitiesOf(name).name);
    if (asked === holds) return settings;
    const message = `the ${capabilities.name} backend holds the table until the daemon ends; for another one stop it, then start it`;
    const span = settings.places.get('backend') ?? { line: 1, column: 1, length: 0 };
    const tooLate: Diagnostic = { severity: 'warning', code: 'next-start', message, span };
    return { ...settings, diagnostics: [...settings.diagnostics, tooLate] };
  }

  /** The file where there is a new version of it; otherwise null. */
  #takeSettings(settings: LoadedSettings): string | null {
    const { file } = settings;
    this.#tell(file, settings);
    // A file that cannot be read just now says what it said before.
    if (isUnreadable(settings)) return null;
    const changed = settings.text !== this.#settings.text;
    this.#settings = settings;
    if (!changed) return null;
    this.#options.publish({ type: 'settings-changed', file });
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
    for (const diagnostic of diagnostics) this.#options.publish({ type: 'config-diagnostic', file, diagnostic });
  }
}

function isUnreadable({ diagnostics }: LoadedSettings): boolean {
  return diagnostics.some(({ code }) => code === unreadable);
}

/** Whether something that the text before had is not in this one, in its order, or its last line may not be complete. */
function* isHalf(text: string, before: string): Work<boolean> {
  if (text !== '' && !text.endsWith('\n') && text !== before) return true;
  // Whole lines that both begin and end with say the same of both.
  const begin = sameLinesAtBegin(text, before);
  const end = sameLinesAtEnd(text.slice(begin), before.slice(begin));
  const subjects = subjectsOf(text.slice(begin, text.length - end));
  for (const wanted of subjectsOf(before.slice(begin, before.length - end))) {
    yield;
    let subject = subjects.next();
    while (!subject.done && subject.value !== wanted) subject = subjects.next();
    if (subject.done) return true;
  }
  return false;
}

/** How many characters of whole lines two texts begin with. Compared by halves, since texts can have millions. */
function sameLinesAtBegin(one: string, other: string): number {
  const same = largest(Math.min(one.length, other.length), (length) => one.slice(0, length) === other.slice(0, length));
  return same === 0 ? 0 : one.lastIndexOf('\n', same - 1) + 1;
}

/** How many they end with. */
function sameLinesAtEnd(one: string, other: string): number {
  const endOf = (text: string, length: number): string => text.slice(text.length - length);
  const same = largest(Math.min(one.length, other.length), (length) => endOf(one, length) === endOf(other, length));
  const end = endOf(one, same);
  const begin = end.indexOf('\n') + 1;
  return begin === 0 ? 0 : end.length - begin;
}

/** The largest number up to a bound for which something holds that holds for 0 and for all that are smaller. */
function largest(bound: number, holds: (number: number) => boolean): number {
  let [low, high] = [0, bound];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * What the lines are about, one at a time, so that a large file is not held twice: a section, a service or server by
 * its address, anything else by its keyword. A line that says something new of the same takes nothing away.
 */
function* subjectsOf(text: string): Generator<string, undefined> {
  for (const [line] of text.matchAll(/\S.*/g)) {
    if (/^[#;]/.test(line)) continue;
    const [subject] = /^(?:(?:virtual|real|fallback)6?\s*=\s*\S+|[^=]+)/.exec(line) ?? [line];
    yield subject.replaceAll(/\s/g, '');
  }
}
