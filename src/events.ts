/** What happened: one typed union, one bus. The log, alerts, metrics and pages are readers of it. */

import type { Diagnostic } from './config/diagnostics/diagnostics.js';
import type { Failure } from './ipvs/backend.js';
import type { DaemonState } from './ipvs/sync-daemon.js';
import type { Announced } from './model/announced.js';
import type { AlertPhase, BelowMinimum } from './model/config.js';
import { type Origin, originWords } from './model/origin.js';
import type { PolicyHold } from './model/policy-hold.js';
import type { RoleWord } from './model/role.js';
import type { Subject, VirtualSubject } from './model/subject.js';
import type { Change } from './reconcile/changes.js';

/** The policies that keep a server out whose checks pass. */
export type HeldBy = PolicyHold['by'] | 'track';

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
  | (Passed & { readonly type: 'server-up' | 'server-recovered' })
  | (Passed & { readonly type: 'fallback-up' })
  | (Passed & { readonly type: 'fallback-recovered' })
  | (Rising & { readonly type: 'server-rising' | 'fallback-rising' })
  | (Failed & { readonly type: 'server-down' | 'server-soft-failure' })
  | (Failed & { readonly type: 'fallback-down' })
  | (Failed & { readonly type: 'fallback-soft-failure' })
  /** A result of a check that says something new, or is wanted anyway, for one server that it decides about. */
  | (Subject & {
      readonly type: 'checked';
      readonly ok: boolean;
      readonly reason: string;
      /** Milliseconds. */
      readonly duration: number;
      /** Whether the server is held out of the table, whatever its checks say. */
      readonly held: boolean;
    })
  /** What all checks of about a second came to; durations in milliseconds. */
  | {
      readonly type: 'checks-summed';
      readonly sums: CheckSums;
      readonly spreads: { readonly lateness: Spread; readonly duration: Spread };
    }
  /** Checks that say nothing about their servers, for a cause on this machine or in this program; and that this is over. */
  | {
      readonly type: 'checks-hindered' | 'checks-unhindered';
      readonly reason: string;
      /** The most at once. */
      readonly checks: number;
    }
  /** All checks fail since about the same time: what links and routes of this machine say; and that one passes again. */
  | { readonly type: 'director-isolated'; readonly checks: number; readonly network: string }
  | { readonly type: 'director-reaches'; readonly checks: number }
  /** A thread that ran checks was given up; another goes on with them. */
  | { readonly type: 'worker-replaced'; readonly worker: number; readonly checks: number; readonly reason: string }
  | (VirtualSubject & { readonly type: 'virtual-down' | 'virtual-up' })
  /** Neither a real server nor a checked fallback is in use; and that this is over. */
  | (VirtualSubject & { readonly type: 'virtual-unserved' | 'virtual-served' })
  /** Fewer servers of it are healthy than `minhealthy` wants, and `belowminimum` rules; and that this is over. */
  | (VirtualSubject & {
      readonly type: 'virtual-below-minimum';
      readonly healthy: number;
      readonly needed: number;
      readonly rule: BelowMinimum;
      /** Whether the rule is `fallback` and no fallback is up: then it changes nothing. It is told anew as that changes. */
      readonly lacksFallback?: boolean;
    })
  | (VirtualSubject & { readonly type: 'virtual-minimum-restored' })
  /** The votes of other directors decide about so many servers, against what checks say here; and that this is over. */
  | (VirtualSubject & { readonly type: 'virtual-voted'; readonly kept: number; readonly unused: number })
  | (VirtualSubject & { readonly type: 'virtual-vote-over' })
  /** A policy keeps a server out whose checks pass; `until` in milliseconds since 1970, null where nobody knows. */
  | (Subject & {
      readonly type: 'server-held';
      readonly by: HeldBy;
      readonly reason: string;
      readonly until: number | null;
    })
  /** With who undrained it, when and why, where somebody did. */
  | (Subject & Origin & { readonly type: 'server-released'; readonly by: HeldBy })
  /** A server that came back has the whole of its weight after so many seconds. */
  | (Subject & { readonly type: 'server-growing'; readonly seconds: number })
  | (Subject &
      Origin & {
        readonly type: 'maintenance-began';
        /** By what. */
        readonly reason: string;
        /** What that does not do, or null. */
        readonly note: string | null;
      })
  /** By whom, when and why, where somebody ended it by hand. */
  | (Subject & Origin & { readonly type: 'maintenance-ended' })
  /** Somebody asked for another weight than the file's; it ends at `until`, in milliseconds since 1970, or never. */
  | (Subject &
      Origin & {
        readonly type: 'weight-overridden';
        readonly weight: number;
        readonly until: number | null;
      })
  | (Subject & Origin & { readonly type: 'weight-restored' })
  /** The agent of a server leaves it such a share of its weight, as `50%`, or names another one; null is the whole. */
  | (Subject & { readonly type: 'agent-weight'; readonly weight: string | null })
  /** A feedback agent does not answer; what it said last, if anything, stays. And that it answers again. */
  | { readonly type: 'agent-silent'; readonly agent: string; readonly reason: string; readonly said: string | null }
  | { readonly type: 'agent-answers'; readonly agent: string }
  /** It says a word that means nothing; told once of each agent. */
  | { readonly type: 'agent-misunderstood'; readonly agent: string; readonly word: string }
  /** What was asked for by hand before cannot be known. */
  | { readonly type: 'orders-lost'; readonly reason: string }
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
  /** `status` is what the daemon was doing, as `emailalertstatus` calls it. */
  | { readonly type: 'table-changed'; readonly change: Change; readonly status: AlertPhase }
  | {
      readonly type: 'table-audited';
      readonly services: number;
      readonly destinations: number;
      /** Entries that were not as they should be; they have been put right. */
      readonly differences: number;
    }
  /** A mail is to tell of it; alerts that come together become one. */
  | { readonly type: 'alert-raised'; readonly text: string }
  | {
      readonly type: 'mail-failed';
      readonly subject: string;
      readonly recipients: readonly string[];
      readonly reason: string;
      /** Seconds until it is tried again; null where it is given up. */
      readonly retryIn: number | null;
    }
  /** As many mails went to these recipients as may in an hour: changes wait so many seconds, reminders are left out. */
  | {
      readonly type: 'mails-held';
      readonly recipients: readonly string[];
      readonly news: 'change' | 'reminder';
      readonly limit: number;
      readonly wait: number;
    }
  /** A command of the file has ended, or could not begin. */
  | {
      readonly type: 'command-ended';
      readonly command: string;
      readonly ok: boolean;
      readonly outcome: string;
      /** The first lines of its output. */
      readonly output: readonly string[];
    }
  /** The table was brought up to date, or was found to be: what that took, in milliseconds. */
  | {
      readonly type: 'table-kept';
      /** Null where it was known without a look. */
      readonly read: number | null;
      readonly plan: number;
      /** 0 where nothing was to be changed. */
      readonly apply: number;
      readonly operations: number;
      readonly ok: boolean;
    }
  | { readonly type: 'table-drifted'; readonly objects: readonly string[] }
  /** Somebody changes these back each time that they are put right. */
  | { readonly type: 'table-contested'; readonly objects: readonly string[] }
  | { readonly type: 'table-failed'; readonly object: string; readonly failure: Failure }
  /** So many services came into the table, or went from it, since this director has become active or passive. */
  | { readonly type: 'table-followed'; readonly entered: number; readonly left: number }
  /** An address of a virtual service was put on its device, or taken from it. */
  | (Vip & { readonly type: 'vip-added' | 'vip-removed' })
  /** It stood there before us, so that it is somebody else's. */
  | (Vip & { readonly type: 'vip-foreign' })
  /** It had gone, and is put back; it goes each time that it is put back; its device is up again. */
  | (Vip & { readonly type: 'vip-drifted' | 'vip-contested' | 'vip-restored' })
  /** The neighbours could not be told of it. */
  | (Vip & { readonly type: 'vip-unannounced'; readonly code: string; readonly reason: string })
  | {
      readonly type: 'vip-failed';
      /** At least one. */
      readonly addresses: readonly string[];
      readonly device: string;
      /** Name of an errno. */
      readonly code: string;
      readonly reason: string;
    }
  /** Which addresses are ours cannot be known, or not by the next start. */
  | { readonly type: 'vip-journal-lost'; readonly reason: string }
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
  /** Our table of nftables was written: so many rules stand in it now; without any it is gone. */
  | {
      readonly type: 'packet-rules-changed';
      readonly table: string;
      readonly marks: number;
      readonly snats: number;
    }
  /** Somebody else changed it; what puts it right follows. */
  | { readonly type: 'packet-rules-drifted'; readonly table: string }
  /** It cannot be read or written, and that it can again. */
  | {
      readonly type: 'packet-rules-failed';
      readonly table: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'packet-rules-restored'; readonly table: string }
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
  | { readonly type: 'store-writable'; readonly endpoint: string }
  /** Metrics and the status page are served at an address. */
  | { readonly type: 'http-opened'; readonly address: string }
  /** They cannot be, or not with the actions that were asked for. */
  | { readonly type: 'http-failed'; readonly address: string; readonly reason: string };

/** A synchronization daemon of the kernel's. */
interface SyncRun {
  readonly daemon: DaemonState;
  readonly interface: string;
  readonly id: number;
}

/** An address of a virtual service on a device of the director. */
interface Vip {
  readonly address: string;
  readonly device: string;
}

/** What a check said of a server. */
interface Passed extends Subject {
  readonly reason: string;
}

interface Rising extends Passed {
  readonly successes: number;
  readonly risecount: number;
}

interface Failed extends Passed {
  /** Milliseconds that the check took. */
  readonly duration: number;
  readonly failures: number;
  readonly failurecount: number;
}

export interface CheckSums {
  readonly started: number;
  readonly ok: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  /** Left out, since the check before was still under way. */
  readonly skipped: number;
  /** Under way now, and due but waiting for a place. */
  readonly running: number;
  readonly waiting: number;
  /** How long after they were due checks began, and how long they took: half of them, 99 of 100, and the worst. */
  readonly lateness: Percentiles;
  readonly duration: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Durations as counts, fit for adding up. */
export interface Spread {
  /** How many took up to so many milliseconds, and longer than the bucket before reaches; empty ones are left out. */
  readonly buckets: readonly (readonly [upTo: number, counted: number])[];
  /** Milliseconds of all together. */
  readonly total: number;
}

/** When each event happens, a sentence for the manual. */
export const eventSentences: Readonly<Record<Event['type'], string>> = {
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
  'server-up': 'as many checks in a row passed as `risecount` wants for a server that was down; says what passed',
  'server-rising': 'a check passed for a server that is down, but not often enough yet to bring it back',
  'server-down': 'checks failed failurecount times in a row, or the first one did; says phase and cause',
  'server-soft-failure': 'a check failed, but not often enough yet to take the server out',
  'server-recovered': 'a check passed after soft failures',
  'fallback-up': 'the same as `server-up`, of a fallback with `fallbackcheck`',
  'fallback-rising': 'the same as `server-rising`, of such a fallback',
  'fallback-down': 'the same as `server-down`, of such a fallback; the next one of its virtual service takes its place',
  'fallback-soft-failure': 'the same as `server-soft-failure`, of such a fallback',
  'fallback-recovered': 'the same as `server-recovered`, of such a fallback',
  checked: 'a check has given a result that says something new, or any where `monitorfile` is set; not in the log',
  'checks-summed': 'once a second: how many checks began, failed and were late; in the log from `debug` on',
  'checks-hindered':
    'checks have no verdict, for a cause on this machine or in this program; says which, once; no server changes by it',
  'checks-unhindered': 'a cause that kept checks from a verdict has been over for some seconds',
  'director-isolated':
    'all checks fail since about the same time: is it this machine? says what its links and routes say',
  'director-reaches': 'after that a check passes again',
  'worker-replaced': 'a thread that ran checks ended or did not answer; another goes on with them',
  'virtual-down': 'no real server of a virtual service is in use any more; `fallbackcommand` is told',
  'virtual-up': 'a first real server of a virtual service is in use again; `fallbackcommand` is told',
  'virtual-unserved':
    'with `fallbackcheck`: no real server of a virtual service is in use, and no fallback is up; its clients are refused',
  'virtual-served': 'a real server or a fallback of such a virtual service is in use again',
  'virtual-below-minimum':
    'fewer real servers are healthy than `minhealthy` wants; says what `belowminimum` makes of it; told anew where `fallback` has none that is up, and when it has one again',
  'virtual-minimum-restored': 'as many real servers are healthy again, with `hysteresis` on top',
  'virtual-voted':
    'with `healthvote = majority`: most directors see servers of a virtual service otherwise than the checks here, and are followed; says how many servers stay in use by it and how many are out of use',
  'virtual-vote-over': 'the checks here decide about all servers of such a virtual service again',
  'server-held': '`flapdamping`, `resume` or `track` keeps a real server out of use whose checks pass; says until when',
  'server-released': 'it does no longer; says who undrained the server, when and why, where somebody did',
  'server-growing': 'a real server came back, or is new: its weight grows as `slowstart` says',
  'maintenance-began':
    'a real server is held out of the table by hand or by schedule; says by what, and who asked for it, when and why',
  'maintenance-ended': 'a real server is no longer held out: its checks decide again',
  'weight-overridden':
    'a real server has another weight than the file’s, set by hand; says until when, and by whom, when and why',
  'weight-restored': 'a real server has the weight of the file again',
  'agent-weight':
    'the feedback agent of a real server leaves it another share of its weight, or names another weight; says which',
  'agent-silent': 'a feedback agent does not answer; what it said last stays, for `agentmaxage`; says why',
  'agent-answers': 'a feedback agent answers again',
  'agent-misunderstood':
    'a feedback agent says a word that means nothing; the first one is told, and all are passed over',
  'health-lost': 'at a restart it could not be handed over who is up; with the userspace backend checks decide anew',
  'policies-lost':
    'what health policies knew (falls, who waits to be undrained, who grows) cannot be read at the start, or not be kept for the next one; says why',
  'orders-lost':
    'drains and weights set by hand before this start cannot all be read; those do not count, says why and where they are kept',
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
  'addresses-lost': 'what names stood for cannot be read at the start, or not be kept for the next one; says why',
  'past-lost':
    'what happened before, since when servers are in their states, or the last hour cannot be read at the start, or not be kept for the next one; says why, once',
  'control-failed': 'the control socket is not there, or not for `controlgroup`; says why; tried again at a reload',
  'log-failed':
    'the log or a monitor file cannot be written, or loses lines; says why; lines wait and it is tried again',
  'log-restored': 'it is written again; says how many lines were lost',
  'log-level-set': 'the log tells more or less, as asked by hand; says until when',
  'settings-changed': 'a new version of the settings file rules',
  'table-changed': 'an entry was added to the table, changed in it or removed from it',
  'table-drifted':
    'entries of the table were changed by somebody else; says which; the changes that put them right follow',
  'table-contested':
    'entries were changed back three times in a row after they were put right, as by a second director; from then on they are put right less often',
  'table-audited': 'the whole table was compared with the wanted one on schedule; says what was found',
  'alert-raised': 'a change, or a server that stays down, is to be told by mail',
  'mail-failed': 'a mail could not be handed over; says whether it is tried again',
  'mails-held': 'as many mails went to the same recipients as `maillimit` allows; says what becomes of further ones',
  'command-ended':
    '`fallbackcommand`, `callback` or a command of `[announce]` has ended; says how, and what it printed',
  'table-kept': 'each time the table was compared with the wanted one; says how long that took; not in the log',
  'table-failed': 'the backend refused an entry or did not answer; it is tried again',
  'table-followed':
    'with `table = active`: services came into the table, or went from it, since this director has become active or passive; says how many. Their entries are not told one by one',
  'vip-added': 'the address of a virtual service was put on the device that `vip` names; neighbours are told',
  'vip-removed': 'it was taken from it: no virtual service wants it there any more, or the daemon stops',
  'vip-foreign': 'it stood there before, or somebody else put it there: it counts, and is never removed; told once',
  'vip-drifted': 'it was gone from the device, and is put back',
  'vip-contested':
    'it was gone again each of three times that it was put back, as where another program manages the device; from then on it is put back less often',
  'vip-failed': 'it does not stand, or does not serve; says why and what to do; goes on by itself when that is mended',
  'vip-restored': 'the device of such an address is up again',
  'vip-unannounced': 'neighbours could not be told of an address, and learn it in their own time; says why',
  'vip-journal-lost': 'which addresses are ours cannot be read at the start, or not be kept for the next one; says why',
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
  'packet-rules-changed':
    'firewall marks for `ports` and masquerading for `snat` were written to our table of nftables; says how many rules',
  'packet-rules-drifted': 'our table of nftables was changed by somebody else; it is put right',
  'packet-rules-failed':
    'our table of nftables cannot be read or written: without `nft`, without the kernel’s part, without permission; says why and what to do; it is tried again',
  'packet-rules-restored': 'our table of nftables is again as it should be',
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
  'http-opened': 'metrics, the API and the status page are served from now on; says where',
  'http-failed': 'they cannot be served where `http` says, or the token cannot be read; says why; it is tried again',
};

/** A change of the table in the words that scripts match, in the log and in mails. */
export function changeText(change: Change): string {
  const { virtual, phase } = change;
  if (change.object === 'virtual') {
    return {
      added: `Added virtual server: ${virtual}`,
      changed: `Changed virtual server: ${virtual}`,
      purged: `Purged virtual server (${phase}): ${virtual}`,
    }[change.action];
  }
  const object = change.object === 'fallback' ? 'fallback server' : 'real server';
  const who = `${object}: ${change.name} (${virtual})`;
  const weight = `(Weight set to ${change.weight})`;
  return {
    added: `Added ${who} ${weight}`,
    readded: `Readd Quiescent ${who} ${weight}`,
    restored: `Restored ${who} ${weight}`,
    quiescent: `Quiescent ${who} ${weight}`,
    weighed: `Weight of ${who} ${weight}`,
    deleted: `Deleted ${who}`,
    purged: `Purged ${object} (${phase}): ${change.name} (${virtual})`,
  }[change.action];
}

/** What the minimum of a virtual service has come to, in the log and in mails. */
export function minimumText(
  event: Extract<Event, { type: 'virtual-below-minimum' | 'virtual-minimum-restored' }>,
): string {
  const who = `${event.virtual} (${event.protocol})`;
  if (event.type === 'virtual-minimum-restored') return `Enough servers are healthy again: ${who}`;
  const rules = {
    keep: 'who goes down stays in use',
    all: 'all are used',
    fallback: 'the fallback alone serves',
    withdraw: 'who goes down stays in use, and the address is not announced',
  };
  const rule = event.lacksFallback
    ? 'no fallback is up to serve alone, so who is healthy stays in use'
    : rules[event.rule];
  return `Below minhealthy: ${who}: ${event.healthy} healthy of ${event.needed} at least: ${rule}`;
}

/** What the votes of other directors have come to, in the log. */
export function voteText(event: Extract<Event, { type: 'virtual-voted' | 'virtual-vote-over' }>): string {
  const who = `${event.virtual} (${event.protocol})`;
  if (event.type === 'virtual-vote-over') return `No vote decides any more: ${who}`;
  const { kept, unused } = event;
  return `Most directors see it otherwise: ${who}: ${kept} kept in use, ${unused} out of use by their votes`;
}

type ServiceEvent = Extract<Event, { type: 'virtual-unserved' | 'virtual-served' }>;

/** Whether anybody answers the clients of a virtual service, in the log and in mails. */
export function serviceText({ type, virtual, protocol }: ServiceEvent): string {
  const who = `${virtual} (${protocol})`;
  return type === 'virtual-served'
    ? `Clients are served again: ${who}`
    : `Clients are refused: ${who}: no real server is in use, and no fallback is up`;
}

/** A fallback that went down or came back, in mails: no table needs to change by it. */
export function fallbackText(event: Extract<Event, { type: 'fallback-up' | 'fallback-down' }>): string {
  const state = event.type === 'fallback-up' ? 'is up again' : `is down: ${event.reason}`;
  return `Fallback server ${state}: ${event.server} (${event.virtual})`;
}

/** That a policy keeps a server out whose checks pass, and that it does no longer, in the log and in mails. */
export function heldText(event: Extract<Event, { type: 'server-held' | 'server-released' }>): string {
  const who = `${event.server} (${event.protocol}:${event.virtual})`;
  if (event.type === 'server-released') return `Held out no longer: ${who}${originWords(event)}`;
  const until = event.until === null ? '' : `, until ${new Date(event.until).toLocaleString('sv')}`;
  return `Held out though its checks pass: ${who}: ${event.reason}${until}`;
}

export type Listener = (event: Event) => void;
/** How everything that happens is told. */
export type Publish = Listener;

export class EventBus {
  readonly #listeners = new Set<Listener>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly publish: Publish = (event) => {
    for (const listener of this.#listeners) listener(event);
  };
}
