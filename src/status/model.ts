/**
 * What can be seen of a director at one moment: plain values, fit for JSON, that listings, pages and metrics are made
 * of. Times are in milliseconds since 1970, durations in milliseconds.
 */

import type { CheckSums } from '../events/checking.js';
import type { HeldBy } from '../events/serving.js';
import type { Announced } from '../model/announced.js';
import type { AlertPhase, BelowMinimum, Forwarding, Protocol } from '../model/config.js';
import type { Origin } from '../model/origin.js';
import type { Hold, HoldBy, WeightOverride } from '../model/override.js';
import type { RoleStatus } from '../model/role.js';
import type { Subject } from '../model/subject.js';
import type { SharedStatus } from './shared-status.js';

export interface Status {
  readonly version: string;
  readonly backend: string;
  readonly file: string;
  readonly phase: AlertPhase;
  readonly at: number;
  readonly started: number;
  /** When the configuration that rules was taken over. */
  readonly loaded: number;
  /** Why the newest version of the file does not rule; null where it does. */
  readonly rejected: string | null;
  /** Logs and monitor files that cannot be written, or lose lines. */
  readonly unwritten: readonly Unwritten[];
  /** Null where no rules are wanted and none of ours stand. */
  readonly packetTable: PacketTable | null;
  /** Why it could not take over from another director, a sentence each; none where it could. */
  readonly unready: readonly string[];
  readonly role: RoleStatus;
  /** How fit this director is, 0 to 100; null where those who elect are not told. */
  readonly fitness: number | null;
  /** The kernel's synchronization daemons that `[sync]` and the role ask for. */
  readonly sync: readonly SyncStatus[];
  /** Null where directors share nothing. */
  readonly store: StoreStatus | null;
  /** Who sends clients to other directors, when and why; null where nobody does. */
  readonly handover: Origin | null;
  /** What all checks of the last second came to; null before the first. */
  readonly checks: CheckSums | null;
  /** How many of its services and servers are what. */
  readonly counts: Counts;
  /** What directors share; null where there is no store. */
  readonly shared: SharedStatus | null;
  readonly virtuals: readonly VirtualStatus[];
}

/**
 * What a server is, in one word: `drained` at weight 0 by intent, `held` out of use by intent or by a policy; `kept` in
 * use and `unused` by `minhealthy`; otherwise as its checks say, `unknown` before the first.
 */
export const serverStates = ['up', 'down', 'unknown', 'drained', 'held', 'kept', 'unused'] as const;
export type ServerState = (typeof serverStates)[number];

export interface Counts extends Readonly<Record<ServerState, number>> {
  readonly services: number;
  /** Services with a real server in use. */
  readonly inUse: number;
  /** Services with fewer healthy servers than `minhealthy` wants. */
  readonly belowMinimum: number;
  readonly servers: number;
}

export interface Unwritten {
  readonly place: string;
  readonly reason: string;
}

/** Of all servers of a service, where not all of them are told of. */
export interface WholeStatus {
  readonly servers: number;
  readonly inUse: number;
  /** Established connections, those of the fallbacks included. */
  readonly active: number;
  /** Those that were asked for, told of or not. */
  readonly found: number;
}

export interface VirtualStatus {
  /** Where less was asked for than all of its servers. */
  readonly whole?: WholeStatus;
  /** As the log names it: `192.0.2.1:80`, or the firewall mark. */
  readonly name: string;
  /** As the file calls it: `shop.example.com:80`; the same as `name` where it has an address there. */
  readonly called: string;
  readonly protocol: Protocol;
  readonly family: 'inet' | 'inet6';
  readonly scheduler: string;
  /** What `servicename` says, or null. */
  readonly title: string | null;
  /** Whether it stands in the table. */
  readonly stands: boolean;
  /** Whether this director is active for it, and whether it is out of the table since it is not. */
  readonly active: boolean;
  readonly leftOut: boolean;
  /** Whether its address is on the device that `vip` names; null without `vip`. */
  readonly vip: VipStatus | null;
  /** Whether its address is announced; null where no `[announce]` of the settings is about it. */
  readonly announcement: AnnouncementStatus | null;
  /** Whether a real server of it is in use. */
  readonly inUse: boolean;
  /** Where fewer servers are healthy than `minhealthy` wants, how many are and what becomes of them; otherwise null. */
  readonly minimum: { readonly healthy: number; readonly needed: number; readonly rule: BelowMinimum } | null;
  /** Whether it is persistent and sends a client on to its server when that has weight 0. */
  readonly persists: boolean;
  readonly servers: readonly ServerStatus[];
  /** The one that answers, or would first; null where there is none. */
  readonly fallback: FallbackStatus | null;
  /** In the order of the file. */
  readonly fallbacks: readonly FallbackStatus[];
  /** Of the whole service; null where the backend does not count it. */
  readonly traffic: TrafficStatus | null;
  /** What our rules for `ports` and `snat` have counted; null where there are none. */
  readonly packets: PacketCounts | null;
  /** Line of the file. */
  readonly line: number;
}

export interface VipStatus {
  /** Null where it is not known: of a name without one, or a firewall mark. */
  readonly address: string | null;
  readonly device: string;
  readonly label: string | null;
  readonly stands: boolean;
  /** Why it does not stand, or is not ours to remove; null where it is in order. */
  readonly why: string | null;
}

/** Whether and how an address of services is announced. */
export interface AnnouncementStatus {
  readonly address: string;
  /** By whom, as it stands in the settings. */
  readonly by: string;
  /** Null where it is not to be announced. */
  readonly announced: Announced | null;
  readonly isHealthy: boolean;
  /** Since when that is so. */
  readonly since: number;
  readonly why: string;
  /** When it is healthy for long enough to be announced; null where it waits for nothing. */
  readonly nextChange: number | null;
  /** Whether whoever announces it does so, or has withdrawn it. */
  readonly isDone: boolean;
  /** Why not; null where that is so, or not known. */
  readonly fault: string | null;
}

/** Null where there is no such rule yet, or none is asked for. */
export interface PacketCounts {
  /** Packets that got the mark of the service. */
  readonly marked: PacketCount | null;
  /** The first packets of connections that servers see as the director's. */
  readonly masqueraded: PacketCount | null;
}

export interface PacketCount {
  readonly packets: number;
  readonly bytes: number;
}

/** A synchronization daemon that is wanted. */
export interface SyncStatus {
  readonly state: 'master' | 'backup';
  readonly interface: string;
  readonly id: number;
  readonly runs: boolean;
  /** Why it does not run, or not as it should; null where it is in order. */
  readonly why: string | null;
}

/** Our table of nftables. */
export interface PacketTable {
  readonly table: string;
  /** Why it is not what it should be, and what to do; null where it is. */
  readonly fault: string | null;
}

/** What directors share. */
export interface StoreStatus {
  /** Where it was reached last, or tried last. */
  readonly endpoint: string;
  readonly isUp: boolean;
  /** Since when that is so. */
  readonly since: number;
  /** Null before the first. */
  readonly lastAnswer: number | null;
  /** Of the last answer; null before the first. */
  readonly latency: number | null;
  /** Up to which everything is known of it. */
  readonly revision: number;
  readonly entries: number;
  /** How often the connection was made anew. */
  readonly reconnects: number;
  /** Why it is away; null where it is not, or was not tried yet. */
  readonly fault: string | null;
  /** Why it takes no writes; null where it does. */
  readonly writeFault: string | null;
}

/** Everything about a server in one virtual. */
export interface Explanation {
  readonly virtual: Omit<VirtualStatus, 'servers' | 'fallbacks'>;
  /** There where it is a fallback. */
  readonly role?: 'fallback';
  readonly server: ServerStatus;
  /** Of the section: the virtual's own, and of its servers this one's. No secrets. */
  readonly lines: readonly ConfigurationLine[];
  /** Null where no check decides. */
  readonly check: CheckStatus | null;
}

export interface ConfigurationLine {
  readonly line: number;
  readonly text: string;
}

/** What is asked of whom. */
export interface Question {
  readonly type: string;
  readonly service: string;
  readonly address: string;
  readonly port: number;
  /** To whom the kernel forwards it, and by which mark; null where it goes to the server's own address. */
  readonly path: { readonly server: string; readonly mark: number } | null;
}

export interface CheckStatus extends Question {
  /** What must pass, too, in this order. */
  readonly further: readonly Question[];
  readonly interval: number;
  /** How many places of servers it decides about. */
  readonly sharedBy: number;
  readonly failurecount: number;
  readonly risecount: number;
  /** Null where the thread that runs it does not say. */
  readonly results: CheckResults | null;
}

export interface CheckResults {
  readonly ok: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  readonly last: CheckResult | null;
  readonly lastFailure: CheckResult | null;
}

export interface CheckResult {
  readonly at: number;
  /** Null where there was no verdict. */
  readonly ok: boolean | null;
  readonly reason: string;
  readonly duration: number;
}

/** What a check said that was run on request; null where it said nothing, with the reason why. */
export interface Checked extends Subject {
  readonly result: Omit<CheckResult, 'at'> | null;
  readonly why: string | null;
}

/** Where an entry of the table is, and what passes through it. */
export interface TableState {
  /** As the log names it: `10.0.0.1:80`. */
  readonly name: string;
  /** As the file calls it: `web1:80`; the same as `name` where it has an address there. */
  readonly called: string;
  readonly forward: Forwarding;
  /** The weight that the file gives it. */
  readonly configured: number;
  /** The weight that it ought to have now; null where it ought not to be in the table. */
  readonly wanted: number | null;
  /** The weight that it has; null where it is not in the table. */
  readonly weight: number | null;
  readonly connections: ConnectionStatus | null;
  readonly traffic: TrafficStatus | null;
}

export interface ServerStatus extends TableState {
  /** Its address or name as the file has it, without the port. */
  readonly written: string;
  readonly up: boolean;
  /** Whether a check has decided that, or none is needed. */
  readonly decided: boolean;
  /** Whether it is in use: up, not held out, not given weight 0 by hand, and taken by the table. */
  readonly inUse: boolean;
  /** What the last check that said something new said. */
  readonly reason: string;
  /** When it was checked last, in milliseconds since 1970; null where it was not, or is not checked. */
  readonly checked: number | null;
  readonly state: ServerState;
  /** Since when it is in this state. */
  readonly since: number;
  /** Since when its checks say that it is up, or down; since when they are asked where they have said nothing yet. */
  readonly healthSince: number;
  /** Failed checks in a row. */
  readonly failures: number;
  /** Checks in a row that passed, of one that is down. */
  readonly successes: number;
  /** Its changes within the last minute, and since when it flaps; null where it does not. */
  readonly flapping: { readonly changes: number; readonly since: number } | null;
  /** Why its check has no verdict at present, so that it stays as it was; null where it has one. */
  readonly hindered: string | null;
  /** Why what its check has said is old, since this director is passive; null where it is run as usual. */
  readonly stale: string | null;
  /** Whether `minhealthy` decides whether it is in use, and not its checks. */
  readonly byMinimum: boolean;
  /** The votes of directors, where they decide that, and not its checks here; null where they do not. */
  readonly vote: VoteStatus | null;
  /** Why it is held out of use, whatever its checks say; null where it is not. */
  readonly held: string | null;
  /** Whose word that is; null where it is not held. */
  readonly heldBy: HoldBy | HeldBy | null;
  /** How, where that is no policy's word, and who asked for it, when and why. */
  readonly hold: Hold | null;
  /** When it ends by itself; null where it does not, or nobody knows when. */
  readonly heldUntil: number | null;
  /** What its weight is made of, where that is not the file's alone. */
  readonly weighed: Weighed | null;
  /** The weight that somebody set by hand instead of the file's, and until when; null where nobody did. */
  readonly override: WeightOverride | null;
  /** Null where it has none, or none whose address is known. */
  readonly agent: AgentStatus | null;
  readonly line: number;
}

export interface VoteStatus {
  /** Directors that have a vote, this one included. */
  readonly directors: number;
  /** How many of them see it up. */
  readonly up: number;
}

export interface Weighed {
  readonly base: number;
  readonly from: 'file' | 'hand' | 'agent';
  /** How much of it its agent leaves, in percent. */
  readonly share: number;
  /** How much of that it has since it came back, in percent, and of how many seconds how many have passed. */
  readonly grown: { readonly percent: number; readonly seconds: number; readonly over: number } | null;
  /** The next weight, and when; null where it does not change by itself. */
  readonly next: { readonly weight: number; readonly at: number } | null;
}

/** What the feedback agent of a server says. */
export interface AgentStatus {
  /** Where it is asked. */
  readonly name: string;
  /** Its last line in few words; null before the first. */
  readonly said: string | null;
  /** Since when it has said that. */
  readonly since: number | null;
  /** What it has said in all, since a line leaves out what stays. */
  readonly word: string;
  /** The share of the weight that it leaves, in percent; null where it names none. */
  readonly share: number | null;
  /** When it answered last; null where it has not. */
  readonly answered: number | null;
  /** Why it does not answer; null where it does, or has not been asked yet. */
  readonly silence: string | null;
  /** When what it said counts no more, or since when, unless it answers again; null where it does for good. */
  readonly until: number | null;
}

/** As of a real server. In use is one that answers now. */
export interface FallbackStatus extends ServerStatus {
  /** Whether checks decide about it; one that is not asked counts as up. */
  readonly asked: boolean;
}

export interface ConnectionStatus {
  readonly active: number;
  readonly inactive: number;
  /** Clients that persistence holds to it; null where the backend does not count them. */
  readonly persistent: number | null;
}

/** Since it stands in the table, or its counters were zeroed; and of late, in a second. */
export interface TrafficStatus {
  readonly total: Traffic;
  readonly rate: Traffic;
}

export interface Traffic {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}
