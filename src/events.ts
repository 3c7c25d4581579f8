/** What happened: one typed union, one bus. The log, alerts, metrics and pages are readers of it. */

import type { Diagnostic } from './config/diagnostics.js';
import type { Failure } from './ipvs/backend.js';
import type { Change } from './reconcile/changes.js';

export type Event =
  | { readonly type: 'started'; readonly version: string; readonly backend: string }
  | { readonly type: 'terminated'; readonly cause: string }
  | { readonly type: 'reload-requested' }
  | { readonly type: 'config-changed'; readonly file: string }
  /** A new configuration rules; `differences` says in what it differs from the one before. */
  | { readonly type: 'config-loaded'; readonly differences: readonly string[] }
  /** Names got addresses that had none. */
  | { readonly type: 'names-resolved'; readonly differences: readonly string[] }
  /** A new version of the file was turned down, and the configuration before it still rules. */
  | { readonly type: 'config-rejected'; readonly reason: string }
  | { readonly type: 'config-diagnostic'; readonly file: string; readonly diagnostic: Diagnostic }
  | {
      readonly type: 'server-up' | 'server-recovered';
      readonly virtual: string;
      readonly server: string;
      readonly protocol: string;
      readonly reason: string;
    }
  | {
      readonly type: 'server-down' | 'server-soft-failure';
      readonly virtual: string;
      readonly server: string;
      readonly protocol: string;
      readonly reason: string;
      /** Milliseconds that the check took. */
      readonly duration: number;
      readonly failures: number;
      readonly failurecount: number;
    }
  | { readonly type: 'table-changed'; readonly change: Change }
  | { readonly type: 'table-failed'; readonly object: string; readonly failure: Failure };

export type Listener = (event: Event) => void;

export class EventBus {
  readonly #listeners = new Set<Listener>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
