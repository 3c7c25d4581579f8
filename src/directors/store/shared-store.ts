/** The store of this director, as its settings have it: none, or a mirror of one, and what is told of it. */

import { hostname } from 'node:os';
import type { StoreSettings } from '../../config/settings/store-rows.js';
import type { Publish } from '../../events.js';
import { Copy } from './copy.js';
import { openEtcd } from './etcd/etcd-store.js';
import { loadPackage } from './etcd/gateway.js';
import { replacedCode } from './following.js';
import { Mirror, type MirrorNews, type MirrorState } from './mirror.js';

export interface SharedStoreOptions {
  /** The name of the configuration file, without its ending. */
  readonly instance: string;
  readonly publish: Publish;
}

export type StoreNews =
  | MirrorNews
  /** The settings name no store any more, or another one: what is known of it stays, and nothing comes. */
  | { readonly type: 'left' };

export class SharedStore {
  readonly #options: SharedStoreOptions;
  readonly #listeners = new Set<(news: StoreNews) => void>();
  /** Goes on with the next mirror: where that is of the same store, nothing has to be read again. */
  readonly #copy = new Copy();
  #settings: StoreSettings | null = null;
  #mirror: Mirror | null = null;
  /** Of those that nobody reads any more. */
  #closing: Promise<unknown> = Promise.resolve();
  /** Milliseconds of Date.now() since it was told that the store is away; null while it is not told. */
  #awaySince: number | null = null;
  #isKnown = false;

  constructor(options: SharedStoreOptions) {
    this.#options = options;
  }

  /** Null where there is no store. */
  get mirror(): Mirror | null {
    return this.#mirror;
  }

  /** Null where there is no store. */
  get state(): MirrorState | null {
    return this.#mirror?.state ?? null;
  }

  /** What this director is called among the others. */
  get name(): string {
    return this.#settings?.name ?? hostname();
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: (news: StoreNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Does not wait for the store, but for what has to be loaded for it. Settings that say the same leave everything as it
   * is; what is away is tried at once.
   */
  async configure(settings: StoreSettings): Promise<void> {
    if (this.#settings !== null && isSame(this.#settings, settings)) {
      this.#mirror?.hurry();
      return;
    }
    this.#settings = settings;
    const before = this.#mirror;
    this.#mirror = null;
    this.#awaySince = null;
    this.#isKnown = false;
    if (before !== null) {
      this.#closing = Promise.all([this.#closing, before.close()]);
      this.#tell({ type: 'left' });
    }
    if (settings.endpoints.length === 0) return;
    this.#begin(settings);
    // Where it cannot be had each attempt says so.
    await loadPackage().catch(() => {});
  }

  /** Settles when nothing is under way any more, after about a second at most. */
  async close(): Promise<void> {
    const mirror = this.#mirror;
    this.#mirror = null;
    await Promise.all([this.#closing, mirror?.close()]);
  }

  #begin(settings: StoreSettings): void {
    const prefix = settings.prefix ?? `/ldirectord/${this.#options.instance}`;
    const closed = this.#closing;
    const mirror: Mirror = new Mirror({
      endpoints: settings.endpoints,
      // The one before may be about to give its lease back.
      open: (endpoint, signal) => closed.then(() => openEtcd(endpoint, { prefix, files: settings }, signal)),
      onNews: (news) => {
        if (mirror !== this.#mirror) return;
        this.#publish(news, mirror);
        this.#tell(news);
      },
      copy: this.#copy,
      name: this.name,
    });
    this.#mirror = mirror;
    mirror.begin();
  }

  #tell(news: StoreNews): void {
    for (const listener of this.#listeners) listener(news);
  }

  #publish(news: MirrorNews, mirror: Mirror): void {
    const { publish } = this.#options;
    const now = Date.now();
    switch (news.type) {
      case 'away':
        this.#awaySince ??= now;
        if (news.fault.code === replacedCode) publish({ type: 'store-replaced', endpoint: news.fault.endpoint });
        else publish({ type: 'store-away', code: news.fault.code, reason: news.fault.message });
        break;
      case 'back':
        if (this.#isKnown && this.#awaySince === null) break;
        publish({
          type: 'store-back',
          endpoint: news.endpoint,
          entries: mirror.entries.size,
          awayFor: this.#awaySince === null ? null : now - this.#awaySince,
        });
        this.#awaySince = null;
        this.#isKnown = true;
        break;
      case 'unwritable':
        publish({ type: 'store-unwritable', code: news.fault.code, reason: news.fault.message });
        break;
      case 'writable':
        publish({ type: 'store-writable', endpoint: news.endpoint });
        break;
    }
  }
}

/** As far as the connection is concerned. */
function isSame(one: StoreSettings, other: StoreSettings): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ endpoints, name, prefix, user, passwordFile, caFile, certFile, keyFile }: StoreSettings): string {
  return JSON.stringify([endpoints, name, prefix, user, passwordFile, caFile, certFile, keyFile]);
}
