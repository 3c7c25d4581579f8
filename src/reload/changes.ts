/** Changes of the configuration, one at a time and in the order asked for: reloads, and names that get their addresses. */

import { type Diagnostic, formatDiagnostics } from '../config/diagnostics/diagnostics.js';
import { sameServices } from '../config/diagnostics/same-services.js';
import { compareInSlices } from '../config/differences.js';
import { hasUnresolved, type Lookup, resolve } from '../config/resolve.js';
import { unannounced } from '../directors/announce/advice.js';
import type { Publish } from '../events.js';
import type { Config } from '../model/config.js';
import { inSlices, type Work } from '../slices.js';
import type { ReloadOutcome } from './outcome.js';
import { settingsAdvice } from './settings-advice.js';
import type { Occasion, Reread, Ruling, Source } from './source.js';

export interface ChangesOptions {
  /** The configuration file. */
  readonly file: string;
  readonly source: Source;
  readonly lookup: Lookup;
  /** Milliseconds between two attempts at names that do not resolve. */
  readonly resolveAgainAfter?: number;
  readonly publish: Publish;
  /** What rules now. */
  readonly ruling: () => Ruling;
  /** Rejects where a configuration cannot be checked. */
  readonly require: (config: Config) => Promise<void>;
  /** Swaps what rules, whole. */
  readonly takeOver: (ruling: Ruling) => Promise<void>;
}

const defaultResolveAgainAfter = 15_000;
/** Milliseconds for an attempt. */
const resolveDeadline = 10_000;
const unchanged: ReloadOutcome = { ok: true, differences: [], diagnostics: '', missing: [] };
const stopping: ReloadOutcome = { ok: false, reason: 'the daemon stops', diagnostics: '' };

export class Changes {
  readonly #options: ChangesOptions;
  #last: Promise<void> = Promise.resolve();
  #resolving: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** Reads the file again and takes it over, or says why not. Never rejects. */
  reload(occasion: Occasion): Promise<ReloadOutcome> {
    return this.#inTurn(() => this.#reload(occasion));
  }

  /** Looks again for the addresses of names that have none, after a while. */
  resolveLater(): void {
    if (this.#resolving) clearTimeout(this.#resolving);
    this.#resolving = null;
    if (this.#closed || !hasUnresolved(this.#options.ruling().config)) return;
    const { resolveAgainAfter = defaultResolveAgainAfter } = this.#options;
    this.#resolving = setTimeout(() => void this.#resolveAgain(), resolveAgainAfter);
  }

  /** What is under way goes on to where it would take something over. */
  close(): void {
    this.#closed = true;
    if (this.#resolving) clearTimeout(this.#resolving);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#last.then(change);
    this.#last = changed.then(() => {});
    return changed;
  }

  async #reload(occasion: Occasion): Promise<ReloadOutcome> {
    try {
      const loaded = await this.#options.source.read(occasion, this.#options.ruling());
      if (loaded !== null) return await this.#rule(loaded);
      return this.#closed ? stopping : unchanged;
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.publish({ type: 'config-rejected', reason });
      return { ok: false, reason, diagnostics: '' };
    }
  }

  /** Lets a new version of the file rule, or says that it cannot. */
  async #rule({ config, text, diagnostics, newSettings, settingsRead, addresses }: Reread): Promise<ReloadOutcome> {
    const { file, publish, ruling } = this.#options;
    const more = config === null ? [] : unannounced(settingsRead.settings, config);
    const shown = formatDiagnostics([...diagnostics, ...more], { file, text, colour: false });
    if (config === null) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
      const reason = `${errors} error${errors === 1 ? '' : 's'}`;
      publish({ type: 'config-rejected', reason });
      return { ok: false, reason, diagnostics: shown };
    }
    if (config !== ruling().config) await this.#options.require(config);
    const found = await inSlices(compareInSlices(ruling().config, config));
    publish({ type: 'config-loaded', differences: found.length > 0 ? found : ['nothing changed'] });
    await this.#options.takeOver({ config, text, addresses });
    const differences = newSettings === null ? found : [...found, `${newSettings}: a new version rules`];
    const ofSettings = [...settingsRead.diagnostics, ...settingsAdvice(settingsRead.settings, config)];
    const shownToo = formatDiagnostics(ofSettings, { ...settingsRead, colour: false });
    return { ok: true, differences, diagnostics: shown + shownToo, missing: [] };
  }

  async #resolveAgain(): Promise<void> {
    const { source, lookup, ruling, publish, takeOver } = this.#options;
    const before = ruling();
    const { config, addresses } = await resolve(before.config, { lookup, deadline: resolveDeadline });
    await this.#inTurn(async () => {
      // A reload meanwhile has resolved its own names.
      if (this.#closed || ruling().config !== before.config) return;
      const found = await inSlices(compareInSlices(before.config, config));
      if (found.length === 0) {
        this.resolveLater();
        return;
      }
      publish({ type: 'names-resolved', differences: found });
      source.tell(await inSlices(newSameServices(before.config, config)));
      await takeOver({ ...before, config, addresses: new Map([...before.addresses, ...addresses]) });
    });
  }
}

/** What is to be said about virtuals since their names have addresses. */
function* newSameServices(before: Config, config: Config): Work<readonly Diagnostic[]> {
  const told = new Set((yield* sameServices(before)).map(({ message }) => message));
  return (yield* sameServices(config)).filter(({ message }) => !told.has(message));
}
