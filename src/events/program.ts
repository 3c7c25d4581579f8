/** Events: what the program itself does and meets: its life, its configuration, what it keeps, where it is asked and where it writes. */

import type { Diagnostic } from '../config/diagnostics/diagnostics.js';

export type ProgramEvent =
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
  /** A signal came that means nothing here. */
  | { readonly type: 'signal-ignored'; readonly signal: string }
  | { readonly type: 'reload-requested' }
  | { readonly type: 'config-changed'; readonly file: string }
  /** A new configuration rules; `differences` says in what it differs from the one before. */
  | { readonly type: 'config-loaded'; readonly differences: readonly string[] }
  /** Names got addresses that had none. */
  | { readonly type: 'names-resolved'; readonly differences: readonly string[] }
  /** A new version of the file was turned down, and the configuration before it still rules. */
  | { readonly type: 'config-rejected'; readonly reason: string }
  | { readonly type: 'config-diagnostic'; readonly file: string; readonly diagnostic: Diagnostic }
  /** What was asked for by hand before cannot be known. */
  | { readonly type: 'orders-lost'; readonly reason: string }
  /** What health policies knew before cannot be known, or not after the next start. */
  | { readonly type: 'policies-lost'; readonly reason: string }
  /** The next start cannot know who was up. */
  | { readonly type: 'health-lost'; readonly reason: string }
  /** What names stood for before cannot be known, or not after the next start. */
  | { readonly type: 'addresses-lost'; readonly reason: string }
  /** What happened before, and since when things are as they are, is not known, or the next start will not know it. */
  | { readonly type: 'past-lost'; readonly reason: string }
  | { readonly type: 'control-failed'; readonly reason: string }
  /** A log or a monitor file cannot be written, or can be again; so many lines were lost since that was last said. */
  | {
      readonly type: 'log-failed' | 'log-restored';
      /** The path, or what the place is called. */
      readonly place: string;
      /** Why it cannot be written, or could not. */
      readonly reason: string;
      readonly lost: number;
    }
  /** Null is that of the settings file. */
  | { readonly type: 'log-level-set'; readonly level: string | null; readonly until: number | null }
  | { readonly type: 'settings-changed'; readonly file: string }
  /** Metrics and the status page are served at an address. */
  | { readonly type: 'http-opened'; readonly address: string }
  /** They cannot be, or not with the actions that were asked for. */
  | { readonly type: 'http-failed'; readonly address: string; readonly reason: string };

export const programSentences: Readonly<Record<ProgramEvent['type'], string>> = {
  started: 'the daemon begins',
  terminated: 'the daemon has cleaned up and ends',
  crashed: 'an unforeseen error ends the daemon; the table stays as it stands',
  'other-failed': 'an instance named by execute could not be started, told or stopped',
  'signal-ignored': 'SIGUSR1 came, which means nothing here: the log needs no signal after a rotation',
  'reload-requested': 'SIGHUP came, or the verb `reload`',
  'config-changed': 'the file on disk differs from the one that rules; `callback` runs',
  'config-loaded': 'a new configuration rules; says in what it differs from the one before',
  'config-rejected':
    'a new version of the file has errors, cannot be read or came without autoreload; the one before rules on',
  'config-diagnostic': 'something is to be said about a line of the file',
  'names-resolved': 'names got addresses that had none',
  'health-lost': 'at a restart it could not be handed over who is up; with the userspace backend checks decide anew',
  'policies-lost':
    'what health policies knew (falls, who waits to be undrained, who grows) cannot be read at the start, or not be kept for the next one; says why',
  'orders-lost':
    'drains and weights set by hand before this start cannot all be read; those do not count, says why and where they are kept',
  'addresses-lost': 'what names stood for cannot be read at the start, or not be kept for the next one; says why',
  'past-lost':
    'what happened before, since when servers are in their states, or the last hour cannot be read at the start, or not be kept for the next one; says why, once',
  'control-failed': 'the control socket is not there, or not for `controlgroup`; says why; tried again at a reload',
  'log-failed':
    'the log or a monitor file cannot be written, or loses lines; says why; lines wait and it is tried again',
  'log-restored': 'it is written again; says how many lines were lost',
  'log-level-set': 'the log tells more or less, as asked by hand; says until when',
  'settings-changed': 'a new version of the settings file rules',
  'http-opened': 'metrics, the API and the status page are served from now on; says where',
  'http-failed': 'they cannot be served where `http` says, or the token cannot be read; says why; it is tried again',
};
