/** Events: this director among several. */

import type { DaemonState } from '../ipvs/sync-daemon.js';
import type { Announced } from '../model/announced.js';
import type { Origin } from '../model/origin.js';
import type { RoleWord } from '../model/role.js';

export type DirectorsEvent =
  /** What stands under a key of the store that directors share means nothing; told once of each. */
  | { readonly type: 'shared-misread'; readonly key: string; readonly reason: string }
  /** This director sees half of its servers or more down, and no other does; and that this is over. */
  | {
      readonly type: 'director-alone';
      readonly down: number;
      readonly servers: number;
      /** Directors that see it otherwise. */
      readonly others: number;
    }
  | { readonly type: 'director-agrees'; readonly others: number }
  /** Another director has the same name, and began later; told once. */
  | { readonly type: 'director-namesake'; readonly name: string }
  /** This director and others are active for one address at once, for some seconds already; and that this is over. */
  | {
      readonly type: 'split-brain' | 'split-brain-healed';
      readonly address: string;
      readonly others: readonly string[];
    }
  /** An address of services is announced from now on, or otherwise than before; and that it is no longer. */
  | {
      readonly type: 'vip-announced';
      readonly address: string;
      /** As it stands in the settings. */
      readonly by: string;
      readonly how: Announced;
      readonly why: string;
    }
  | { readonly type: 'vip-withdrawn'; readonly address: string; readonly why: string }
  /** Who announces, as it stands in the settings, cannot be told anything; and that it can again. */
  | { readonly type: 'announcer-failed'; readonly by: string; readonly reason: string }
  | { readonly type: 'announcer-restored'; readonly by: string }
  /** What was announced before, and whether this director is handed over, is not known, or the next start will not know. */
  | { readonly type: 'announcements-lost'; readonly reason: string }
  /** Somebody sends clients to other directors; and that they may come again, by whom, when and why. */
  | (Origin & { readonly type: 'handover-began' | 'handover-ended' })
  /** This director is active, or not any more, or for other addresses; each at most as many as virtual services have. */
  | {
      readonly type: 'role-changed';
      readonly role: RoleWord;
      /** Addresses of virtual services; empty where it is active for all, or for none. */
      readonly gained: readonly string[];
      readonly lost: readonly string[];
    }
  /** A mail or a command that comes from the director alone that is active, or speaks for all, and not from this one. */
  | {
      readonly type: 'left-to-active';
      readonly what: 'emailalert' | 'fallbackcommand' | 'callback';
      readonly text: string;
      /** Which one speaks, where all are active and share a store. */
      readonly to?: string;
    }
  /** Whoever says the role does not, or says what cannot be. */
  | { readonly type: 'role-failed'; readonly reason: string }
  /** Those who elect were told how fit this director is; null is the first time. */
  | { readonly type: 'fitness-told'; readonly fitness: number; readonly before: number | null }
  /** They cannot be told, and that they can again; the file, or the attribute. */
  | { readonly type: 'fitness-failed'; readonly outlet: string; readonly reason: string }
  | { readonly type: 'fitness-restored'; readonly outlet: string }
  /** A synchronization daemon was started as `[sync]` says, or one of ours was stopped. */
  | (SyncRun & { readonly type: 'sync-started' | 'sync-stopped' })
  /** Somebody else runs one that we do not need the place of: it stays. */
  | (SyncRun & { readonly type: 'sync-foreign' })
  /** One of ours was gone, or somebody else's was in its place; that happens each time that it is put right. */
  | {
      readonly type: 'sync-drifted' | 'sync-contested';
      readonly daemon: DaemonState;
      /** What ran in its place; null where nothing did. */
      readonly found: string | null;
    }
  /** One of them cannot be started or stopped, or all cannot be asked for; and that this is over. */
  | {
      readonly type: 'sync-failed';
      readonly daemon: DaemonState | 'all';
      /** Name of an errno, or `backup-only`. */
      readonly code: string;
      readonly reason: string;
    }
  | { readonly type: 'sync-restored'; readonly daemon: DaemonState | 'all' }
  /** Which of them are ours cannot be known, or not by the next start. */
  | { readonly type: 'sync-journal-lost'; readonly reason: string }
  /** The store that directors share is not reached, or answers with a refusal; told anew where the cause is another. */
  | { readonly type: 'store-away'; readonly code: string; readonly reason: string }
  /** It answers, for the first time or again after so many milliseconds. */
  | {
      readonly type: 'store-back';
      readonly endpoint: string;
      readonly entries: number;
      readonly awayFor: number | null;
    }
  /** Its data is not what it was before: it was set up anew, or restored. */
  | { readonly type: 'store-replaced'; readonly endpoint: string }
  /** It answers, and takes no writes; and that it does again. */
  | { readonly type: 'store-unwritable'; readonly code: string; readonly reason: string }
  | { readonly type: 'store-writable'; readonly endpoint: string };

/** A synchronization daemon of the kernel's. */
interface SyncRun {
  readonly daemon: DaemonState;
  readonly interface: string;
  readonly id: number;
}

export const directorsSentences: Readonly<Record<DirectorsEvent['type'], string>> = {
  'shared-misread':
    'a key of the store that directors share means nothing, and counts for nothing; says which, and what is wrong',
  'director-alone':
    'this director sees half of its servers or more down, and no other does: it is not ready until that is over',
  'director-agrees': 'that is over',
  'director-namesake':
    'another director has the same name in the store, and each writes over what the other says of itself: give one of them another `name` in `[store]`',
  'split-brain':
    'this director and others have been active for one address at once for some seconds; says who; `splitbrain` of `[store]` is run',
  'split-brain-healed': 'that is over; neighbours are told anew of the address by the one that keeps it',
  'vip-announced':
    'the address of virtual services is announced, as `[announce]` says, or otherwise than before: healthy, not healthy and announced all the same, or while this director is handed over; says why',
  'vip-withdrawn': 'it is not announced any more; says why',
  'announcer-failed':
    'the pipe of ExaBGP is not there, is not read or is full; says what to do; everything is said again once it is',
  'announcer-restored': 'it takes again what it is told',
  'announcements-lost':
    'what was announced before, and whether this director is handed over, cannot be read at the start, or not be kept for the next one; says why',
  'handover-began': 'somebody sends clients to other directors, by the verb `handover`; says who and why',
  'handover-ended': 'clients may come to this director again',
  'role-changed':
    'this director has become active or passive, or it is active for other addresses than before; says for which',
  'left-to-active':
    'a mail is not sent, or `fallbackcommand` or `callback` not run, since another director is active, or speaks for all that are; says which',
  'role-failed': 'whoever says the role does not, or says what cannot be; says why, once',
  'fitness-told': 'those who elect were told another number of how fit this director is; says which',
  'fitness-failed':
    'the number cannot be told by `fitnessfile` or `fitnessattribute`; says why; it is tried again, up to a minute apart',
  'fitness-restored': 'it can again',
  'sync-started': 'a synchronization daemon was started as `[sync]` and the role say; says which',
  'sync-stopped': 'one of ours was stopped: the role or the settings want it no more, or the daemon stops',
  'sync-foreign': 'somebody else’s runs in a place that we do not need; it stays; told once',
  'sync-drifted': 'one was gone, or somebody else’s ran in its place; it is put right',
  'sync-contested':
    'that was so each of three times that it was put right, as where keepalived has `lvs_sync_daemon`, too; from then on it is put right less often',
  'sync-failed':
    'a synchronization daemon does not run as it should; says why and what to do; goes on by itself when that is mended',
  'sync-restored': 'it does again',
  'sync-journal-lost': 'which of them are ours cannot be read at the start, or not be kept for the next one; says why',
  'store-away':
    'no endpoint of the store that directors share answers, or each refuses; says why; what was last heard holds, and it is tried again',
  'store-back': 'the store answers, for the first time or again; says where, and for how long it was away',
  'store-replaced':
    'the store has other data than before, as after it was set up anew or restored from a backup; it is read whole',
  'store-unwritable':
    'the store answers and takes no writes: its space is used up, or the user may not; says why and what to do',
  'store-writable': 'it takes writes again',
};
