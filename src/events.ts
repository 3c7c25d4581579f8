/** What happened: one typed union, one bus. The log, alerts, metrics and pages are readers of it. */

import type { Diagnostic } from './config/diagnostics.js';
import type { Failure } from './ipvs/backend.js';
import type { Change } from './reconcile/changes.js';

export type Event =
  | {
      readonly type: 'started';
      readonly version: string;
      readonly backend: string;
      readonly background: boolean;
    }
  | { readonly type: 'terminated'; readonly cause: string }
  /** An error that nobody foresaw, with its stack. */
  | { readonly type: 'crashed'; readonly trace: string }
  /** Another instance, named by `execute`, that could not be started, told or stopped. */
  | { readonly type: 'other-failed'; readonly instance: string; readonly reason: string }
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
  | { readonly type: 'table-drifted'; readonly objects: readonly string[] }
  | { readonly type: 'table-failed'; readonly object: string; readonly failure: Failure };

/** When each event happens, a sentence for the manual. */
export const eventSentences: Readonly<Record<Event['type'], string>> = {
  started: 'the daemon begins',
  terminated: 'the daemon has cleaned up and ends',
  crashed: 'an unforeseen error ends the daemon; the table stays as it stands',
  'other-failed': 'an instance named by execute could not be started, told or stopped',
  'reload-requested': 'SIGHUP came',
  'config-changed': 'with autoreload, the file on disk differs from the one that rules',
  'config-loaded': 'a new configuration rules; says in what it differs from the one before',
  'config-rejected': 'a new version of the file has errors or cannot be read; the one before rules on',
  'config-diagnostic': 'something is to be said about a line of the file',
  'names-resolved': 'names got addresses that had none',
  'server-up': 'a check passed for a server that was down; says what passed',
  'server-down': 'checks failed failurecount times in a row, or the first one did; says phase and cause',
  'server-soft-failure': 'a check failed, but not often enough yet to take the server out',
  'server-recovered': 'a check passed after soft failures',
  'table-changed': 'an entry was added to the table, changed in it or removed from it',
  'table-drifted':
    'entries of the table were changed by somebody else; says which; the changes that put them right follow',
  'table-failed': 'the backend refused an entry or did not answer; it is tried again',
};

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
