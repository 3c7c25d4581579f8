/** Events: virtual services and who is in use for them, by policy, agent or hand. */

import type { BelowMinimum } from '../model/config.js';
import type { Origin } from '../model/origin.js';
import type { PolicyHold } from '../model/policy-hold.js';
import type { Subject, VirtualSubject } from '../model/subject.js';

/** The policies that keep a server out whose checks pass. */
export type HeldBy = PolicyHold['by'] | 'track';

export type ServingEvent =
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
  | { readonly type: 'agent-misunderstood'; readonly agent: string; readonly word: string };

export const servingSentences: Readonly<Record<ServingEvent['type'], string>> = {
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
};
