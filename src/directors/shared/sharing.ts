/** What directors share, over the life of the daemon: begun, moved to other settings, ended. */

import { hostname } from 'node:os';
import { configDigest } from '../../config/digest.js';
import type { StoreSettings } from '../../config/settings/store-rows.js';
import type { Config } from '../../model/config.js';
import type { Override } from '../../model/override.js';
import type { ReadByHand } from '../../overrides/by-hand.js';
import type { ByHandFile, Ended } from '../../overrides/by-hand-file.js';
import { inSlices } from '../../slices.js';
import type { SharedStore } from '../store/shared-store.js';
import type { Outcome } from '../store/store.js';
import { type Self, Shared, type SharedOptions } from './shared.js';

export interface SharingOptions extends Omit<SharedOptions, 'name' | 'link' | 'isByVote' | 'self'> {
  /** What this director is, but for its configuration. */
  readonly self: () => Omit<Self, 'config'>;
  readonly store: SharedStore;
  /** Where what is asked by hand is kept without a store, and beside it. */
  readonly byHandFile: ByHandFile;
}

/** Milliseconds that a start waits for what the store says, beside what it waits for anyway. */
const startPatience = 1_000;
/** Milliseconds from one writing of the file to the next, of what others have asked. */
const filePace = 1_000;

export class Sharing {
  readonly #options: SharingOptions;
  /** With the name that this director has in it. */
  #open: { readonly name: string; readonly shared: Shared; readonly recalled: Promise<ReadByHand> } | null = null;
  #isByVote = false;
  /** The digest of the configuration that rules. */
  #config = '';
  /** One writing of the file at a time, whoever asks for it. */
  #writing: Promise<void> = Promise.resolve();
  #writeTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: SharingOptions) {
    this.#options = options;
    const { store } = options;
    store.subscribe((news) => {
      if (news.type === 'left') this.shared?.leave();
      else if (store.mirror !== null) this.shared?.hear(news, store.mirror.entries);
    });
  }

  /** Null where there is no store. */
  get shared(): Shared | null {
    return this.#open?.shared ?? null;
  }

  /** What `[store]` is now. Settles when what was known before counts, and the store is being asked. */
  async configure(settings: StoreSettings): Promise<void> {
    const { store, onOverrides } = this.#options;
    this.#isByVote = settings.healthVote === 'majority';
    const name = settings.endpoints.length === 0 ? null : (settings.name ?? hostname());
    if (name !== (this.#open?.name ?? null)) {
      const before = this.#open;
      this.#open = null;
      await before?.shared.close();
      if (name !== null && !this.#isClosed) {
        const shared = this.#begin(name);
        const recalled = this.#recall(shared);
        this.#open = { name, shared, recalled };
        await recalled;
        onOverrides(shared.byHand, []);
      }
    }
    if (this.#isClosed) return;
    // What is told by it alone makes no other connection.
    await store.configure({ ...settings, healthVote: 'own', splitBrain: null });
    this.shared?.touch();
  }

  /** The same, of a configuration that is going to rule. */
  async takeOver(settings: StoreSettings, config: Config): Promise<void> {
    await this.configure(settings);
    if (this.#open !== null) this.#config = await inSlices(configDigest(config));
  }

  /** Settles when the store has said what is asked for, or cannot be asked, or after a second. */
  async whenTried(): Promise<void> {
    await this.#options.store.mirror?.whenTried(startPatience);
  }

  /** Where steering keeps what people ask, and finds what they have asked before. */
  readonly file: ByHandFile = {
    read: async () => {
      if (this.#open === null) return this.#options.byHandFile.read();
      const { shared, recalled } = this.#open;
      const { fault } = await recalled;
      return { byHand: shared.byHand, fault };
    },
    write: async (byHand, ended) => {
      const shared = this.shared;
      const deciding = shared?.decide(byHand, ended);
      // As it is called among directors, with where it was asked.
      if (shared) this.#options.onOverrides(shared.byHand, null);
      await Promise.all([deciding, this.#write(shared?.byHand ?? byHand, ended)]);
    },
  };

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.shared?.close();
    if (this.#writeTimer !== null) this.#writeNow(this.#writeTimer);
    await this.#writing;
  }

  #begin(name: string): Shared {
    const { store } = this.#options;
    return new Shared({
      ...this.#options,
      name,
      self: () => ({ ...this.#options.self(), config: this.#config }),
      link: { write: async (transaction) => (await store.mirror?.write(transaction)) ?? noStore },
      isByVote: () => this.#isByVote,
      onOverrides: (byHand, ended) => {
        this.#options.onOverrides(byHand, ended);
        this.#writeLater();
      },
    });
  }

  async #recall(shared: Shared): Promise<ReadByHand> {
    const kept = await this.#options.byHandFile.read().catch(({ message }: Error) => ({ byHand: [], fault: message }));
    const fault = await shared.recall(kept.byHand);
    const faults = [kept.fault, fault].filter((one) => one !== null);
    return { byHand: shared.byHand, fault: faults.length === 0 ? null : faults.join('; ') };
  }

  /** What others have asked counts here also where the settings name no store any more. */
  #writeLater(): void {
    this.#writeTimer ??= setTimeout(() => {
      if (this.#writeTimer !== null) this.#writeNow(this.#writeTimer);
    }, filePace).unref();
  }

  #writeNow(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#writeTimer = null;
    const { shared } = this;
    // Where it cannot be written, another file has it, too; whoever asks for something next is told.
    if (shared !== null) this.#write(shared.byHand, null).catch(() => {});
  }

  #write(byHand: readonly Override[], ended: Ended | null): Promise<void> {
    const writing = this.#writing.then(() => this.#options.byHandFile.write(byHand, ended));
    this.#writing = writing.catch(() => {});
    return writing;
  }
}

const noStore: Outcome<never> = {
  ok: false,
  fault: { kind: 'away', code: 'no-store', message: 'the settings name no store', endpoint: '' },
};
