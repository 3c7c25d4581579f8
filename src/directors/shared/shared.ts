/**
 * What several directors know of each other, by way of a store: what people ask for on any of them, who is there, and what
 * each sees. Nothing waits for the store: it is written to from here, and what it says comes when it comes.
 */

import type { Publish } from '../../events.js';
import type { RealServer, Virtual } from '../../model/config.js';
import type { Override } from '../../model/override.js';
import type { Ended } from '../../overrides/by-hand-file.js';
import type { DirectorStatus, SharedStatus } from '../../status/shared-status.js';
import { versionKey } from '../store/frame.js';
import type { MirrorNews } from '../store/mirror.js';
import type { Change, Entry } from '../store/store.js';
import { Asking, type AskingOptions } from './asking.js';
import { type Claim, contestedBy } from './claims.js';
import { differencesOf } from './differences.js';
import { isOverrideKey, rooms } from './keys.js';
import { type Lastings, lastingAfter } from './lasting.js';
import type { Link } from './link.js';
import { keysIn, type Observation, observationText, observedKey } from './observation.js';
import { OwnKeys } from './own-keys.js';
import { Peers, type PresentPeer } from './peers.js';
import { type Presence, presenceIn, presenceText } from './presence.js';
import type { TakenBack } from './replica.js';
import type { ReplicaFile } from './replica-file.js';
import { SharedOverrides } from './shared-overrides.js';
import { speakerAmong } from './speaker.js';
import { type Alone, aloneWith, type Ballot, ballotOf, isUpByVote, nobodyElse } from './votes.js';

/** What this director is, but for what it sees. */
export type Self = Omit<Presence, 'servers' | 'down'>;

export interface Seen {
  readonly observation: Observation;
  readonly servers: number;
  readonly down: number;
}

export interface SharedOptions extends Pick<AskingOptions, 'connections' | 'table'> {
  /** Of this director. */
  readonly name: string;
  readonly link: Link;
  readonly file: ReplicaFile;
  readonly publish: Publish;
  readonly self: () => Self;
  readonly observe: () => Seen;
  /** Whether health is by the votes of all. */
  readonly isByVote: () => boolean;
  /** These count from now on; `ended` is null where somebody here has asked for it, who lets it count himself. */
  readonly onOverrides: (byHand: readonly Override[], ended: readonly TakenBack[] | null) => void;
  /** What others see of the servers is another. */
  readonly onVotes: () => void;
  /** What others say of themselves may be another. */
  readonly onPeers?: () => void;
  /** Another director claims an address that is this one's, too; and no other does any more, of one that it keeps. */
  readonly onContest?: (claim: Claim) => void;
  readonly onContestOver?: (claim: Claim) => void;
  /** Milliseconds for which something must be so before it is told. */
  readonly ages?: { readonly contest: number; readonly alone: number };
}

/** An address that moves is for a moment at both; checks of one server end on all directors within their interval. */
const defaultAges = { contest: 3_000, alone: 15_000 };
/** Milliseconds from one writing of what this director sees to the next. */
const paces = { own: 5_000, byVote: 1_000 };
/** Milliseconds from one writing of what it is to the next. */
const presencePace = 1_000;
/** Milliseconds for which what others saw counts while the store is away: about as long as their leases would last. */
const freshness = 15_000;
/** Milliseconds between two looks at what one sees, as long as somebody says that it may be another. */
const lookPace = 200;
/** Milliseconds to the next look while this director is not ready. */
const unreadyPace = 1_000;

export class Shared {
  readonly #options: SharedOptions;
  readonly #ages: NonNullable<SharedOptions['ages']>;
  readonly #overrides: SharedOverrides;
  readonly #peers = new Peers();
  readonly #presence: OwnKeys;
  readonly #observations: OwnKeys;
  readonly asking: Asking;
  #seen: Seen;
  #ballot: Ballot = nobodyElse;
  #speaker: string | null = null;
  /** Since when the store is away, of performance.now(); null while it is there, and negative infinity before it ever was. */
  #awaySince: number | null = Number.NEGATIVE_INFINITY;
  #contests: Lastings<Claim> = new Map();
  #alone: Lastings<Alone> = new Map();
  #lookTimer: NodeJS.Timeout | null = null;
  #newsTimer: NodeJS.Timeout | null = null;
  /** Nobody says that it has become ready: the first table stands, or connections have come for long enough. */
  #unreadyTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #hasNamesake = false;

  constructor(options: SharedOptions) {
    const { name, link, observe } = options;
    this.#options = options;
    this.#ages = options.ages ?? defaultAges;
    this.#overrides = new SharedOverrides({ ...options, onChange: options.onOverrides });
    this.#seen = observe();
    this.asking = new Asking({ ...options, peers: this.#peers });
    this.#presence = new OwnKeys({
      link,
      wanted: () => new Map([[`${rooms.directors}${name}`, presenceText(this.presence)]]),
      pace: () => presencePace,
    });
    this.#observations = new OwnKeys({
      link,
      wanted: () => new Map([[`${rooms.observations}${name}`, observationText(this.#seen.observation)]]),
      pace: () => (options.isByVote() ? paces.byVote : paces.own),
    });
  }

  /** What counts of what is asked by hand before the store has said anything. Gives why not all of it does, or null. */
  recall(byHand: readonly Override[]): Promise<string | null> {
    return this.#overrides.recall(byHand);
  }

  get byHand(): readonly Override[] {
    return this.#overrides.byHand;
  }

  /** Somebody here has asked that this be what counts. Settles when it is on disk; nobody waits for the store. */
  decide(after: readonly Override[], ended: Ended | null): Promise<void> {
    return this.#overrides.decide(after, ended);
  }

  /** Something about this director may be another, or about what it sees. Returns at once. */
  touch(): void {
    if (this.#lookTimer !== null || this.#isClosed) return;
    this.#lookTimer = setTimeout(() => {
      this.#lookTimer = null;
      this.#look();
    }, lookPace).unref();
  }

  /** What this director is. */
  get presence(): Presence {
    const { servers, down } = this.#seen;
    return { ...this.#options.self(), servers, down };
  }

  /** Why this director is not to be trusted with traffic, by what others see; null where nothing speaks against it. */
  get unready(): string | null {
    const alone = this.alone;
    return alone === null ? null : `only this director sees ${alone.down} of ${alone.servers} servers down`;
  }

  get alone(): Alone | null {
    const told = this.#alone.get('alone');
    return told?.isTold ? told.value : null;
  }

  /** Addresses that others claim, too, and have for some seconds. */
  get contests(): readonly Claim[] {
    return [...this.#contests.values()].filter(({ isTold }) => isTold).map(({ value }) => value);
  }

  /** Whether anybody else has a vote. */
  get isVoting(): boolean {
    return this.#ballot.voters > 0;
  }

  /** Whether a server is up: as its own checks say, or as most directors see it. */
  isUp(virtual: Virtual, real: RealServer, isUpHere: boolean): boolean {
    if (this.#ballot.voters === 0) return isUpHere;
    return isUpByVote(this.#ballot, isUpHere, () => keyOf(virtual, real));
  }

  /** How many other directors have a vote, and how many of them see a server down. */
  votesOn(virtual: Virtual, real: RealServer): { readonly voters: number; readonly down: number } {
    return { voters: this.#ballot.voters, down: this.#ballot.down.get(keyOf(virtual, real)) ?? 0 };
  }

  /** Whether an address is down on all directors that are there, this one included; false where none else is. */
  isDownOnAll(vip: string): boolean {
    const others = this.#fresh();
    if (others.length === 0) return false;
    return [this.#options.self(), ...others.map(({ presence }) => presence)].every(({ downVips }) =>
      downVips.includes(vip),
    );
  }

  /** The names of other directors that are there, ready, and not being taken out of use; null where the store does not say. */
  get readyOthers(): readonly string[] | null {
    if (!this.#isFresh) return null;
    return this.#fresh().flatMap(({ name, presence }) => (presence.ready && !presence.leaving ? name : []));
  }

  /**
   * Which other director speaks for all that are active and have the same configuration: the first by name of those that are
   * ready. Null where it is this one, where none of them is, and where the store does not say who is there: then each speaks
   * for itself.
   */
  get speaker(): string | null {
    return this.#speaker;
  }

  /**
   * The keys of servers that another director sees down or holds out. Null where it does not say it of all, and where the
   * votes of all decide.
   */
  outAt(name: string): ReadonlySet<string> | null {
    const observation = this.#peers.of(name)?.observation ?? null;
    if (observation === null || observation.isCut || this.#options.isByVote()) return null;
    const held = [...keysIn(observation.held)].map((key) => key.replace(/ down$/, ''));
    return new Set([...keysIn(observation.down), ...held]);
  }

  /** What is known of all directors, and in what each differs from this one. */
  get status(): SharedStatus {
    const { name, isByVote } = this.#options;
    const self = { presence: this.presence, observation: this.#seen.observation };
    const own: DirectorStatus = { name, isSelf: true, there: self.presence, observed: null, differences: [] };
    const others = this.#peers.all
      .filter((peer) => peer.name !== name)
      .map(({ name, presence, observation, observedAt }): DirectorStatus => {
        const differences = presence === null ? [] : differencesOf(self, { presence, observation });
        return { name, isSelf: false, there: presence, observed: observedAt, differences };
      });
    return {
      name,
      vote: isByVote() ? 'majority' : 'own',
      pending: this.#overrides.pending,
      misread: [...this.#overrides.faults].map(([key, reason]) => ({ key, reason })),
      alone: this.alone !== null,
      contested: this.contests.map(({ vip, others }) => ({ address: vip, others })),
      directors: [own, ...others].sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  /** What comes of the store, and what it holds by then. */
  hear(news: MirrorNews, entries: ReadonlyMap<string, Entry>): void {
    if (news.type === 'changes') this.#changes(news.changes);
    else if (news.type === 'back') this.#back(entries, news);
    else if (news.type === 'away') this.#away();
    else if (news.type === 'leased') {
      this.#presence.leased(news.lease);
      this.#observations.leased(news.lease);
      this.asking.leased(news.lease);
    }
  }

  #back(
    entries: ReadonlyMap<string, Entry>,
    { isOfAnotherPast, revision }: Extract<MirrorNews, { type: 'back' }>,
  ): void {
    this.#awaySince = null;
    const frame = entries.get(versionKey);
    const identity = `${frame?.revision} ${frame?.value}`;
    this.#overrides.back(entries, { identity, isOfAnotherPast, revision });
    this.#join();
    this.#presence.back();
    this.#observations.back();
    this.asking.back();
    this.#weigh();
    this.touch();
  }

  #changes(changes: readonly Change[]): void {
    this.#lookForNamesake(changes);
    const now = Date.now();
    const [overrides, others] = [[] as Change[], [] as Change[]];
    for (const change of changes) (isOverrideKey(change.key) ? overrides : others).push(change);
    for (const change of others) this.#peers.see(change.key, change.type === 'put' ? change.value : null, now);
    // What is read at first is of a store that is known once it has been read whole.
    if (this.#awaySince !== null) return;
    if (overrides.length > 0) this.#overrides.changes(overrides);
    if (others.some(({ key }) => key.startsWith(rooms.asks) || key.startsWith(rooms.answers))) this.asking.changed();
    if (others.length > 0) this.#weigh();
  }

  /** Two that are called alike write over what the other says of itself. */
  #lookForNamesake(changes: readonly Change[]): void {
    const key = `${rooms.directors}${this.#options.name}`;
    for (const change of changes) {
      if (change.key !== key || change.type === 'delete' || this.#awaySince !== null || this.#hasNamesake) continue;
      const { started } = this.#options.self();
      const other = presenceIn(change.value);
      if (other === null || other.started <= started) continue;
      this.#hasNamesake = true;
      this.#options.publish({ type: 'director-namesake', name: this.#options.name });
    }
  }

  /** There is another store, or none: what is known of this one says nothing for it. */
  leave(): void {
    this.#away();
    this.#awaySince = Number.NEGATIVE_INFINITY;
    this.#speaker = null;
  }

  #away(): void {
    this.#awaySince ??= performance.now();
    this.#overrides.away();
    setTimeout(() => this.#weigh(), freshness).unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of [this.#lookTimer, this.#newsTimer, this.#unreadyTimer]) if (timer !== null) clearTimeout(timer);
    this.#presence.close();
    this.#observations.close();
    this.asking.close();
    await this.#overrides.close();
  }

  #look(): void {
    this.#seen = this.#options.observe();
    this.#presence.touch();
    this.#observations.touch();
    this.#weigh();
    if (this.#unreadyTimer !== null) clearTimeout(this.#unreadyTimer);
    const isReady = this.#isClosed || this.#options.self().ready;
    this.#unreadyTimer = isReady ? null : setTimeout(() => this.touch(), unreadyPace).unref();
  }

  get #isFresh(): boolean {
    return this.#awaySince === null || performance.now() - this.#awaySince < freshness;
  }

  /** Others that are there, as far as that is known still. */
  #fresh(): readonly PresentPeer[] {
    return this.#isFresh ? this.#peers.othersThan(this.#options.name) : [];
  }

  /** That it is one of the directors is known also while it is not there. */
  #join(): void {
    const { name, link } = this.#options;
    const key = `${rooms.members}${name}`;
    const isKnown = this.#peers.all.some((peer) => peer.name === name && peer.isMember);
    if (isKnown) return;
    const value = JSON.stringify({ since: new Date().toISOString() });
    // Where it is not taken it is tried again when the store has been read again.
    void link.write({ when: [{ key, revision: 0 }], operations: [{ type: 'put', key, value }] });
  }

  /** What follows from what is known of the others. */
  #weigh(): void {
    if (this.#isClosed) return;
    const { isByVote, onVotes, self } = this.#options;
    const others = this.#fresh();
    const own = self();
    this.#speaker = speakerAmong({ ...own, name: this.#options.name }, others);
    const before = this.#ballot;
    this.#ballot = isByVote() ? ballotOf(others, own.config) : nobodyElse;
    if (!isSameBallot(before, this.#ballot)) onVotes();
    this.#tellNews(own, others);
    this.#options.onPeers?.();
  }

  #tellNews(own: Self, others: readonly PresentPeer[]): void {
    const { publish, onContest, onContestOver } = this.#options;
    const now = performance.now();
    const contests = lastingAfter(this.#contests, contestedBy(own, others), this.#ages.contest, now);
    this.#contests = contests.lasting;
    for (const claim of contests.began) {
      publish({ type: 'split-brain', address: claim.vip, others: claim.others });
      onContest?.(claim);
    }
    for (const claim of contests.ended) {
      publish({ type: 'split-brain-healed', address: claim.vip, others: claim.others });
      if (own.vips?.includes(claim.vip)) onContestOver?.(claim);
    }
    const { servers, down } = this.#seen;
    const presences = others.map(({ presence }) => presence);
    const found = aloneWith({ config: own.config, servers, down }, presences);
    const alone = lastingAfter(this.#alone, new Map(found === null ? [] : [['alone', found]]), this.#ages.alone, now);
    this.#alone = alone.lasting;
    for (const one of alone.began) publish({ type: 'director-alone', ...one });
    for (const { others: agreeing } of alone.ended) publish({ type: 'director-agrees', others: agreeing });
    if (alone.began.length + alone.ended.length > 0) this.#presence.touch();
    const wait = Math.min(contests.wait ?? Number.POSITIVE_INFINITY, alone.wait ?? Number.POSITIVE_INFINITY);
    if (this.#newsTimer !== null) clearTimeout(this.#newsTimer);
    this.#newsTimer = Number.isFinite(wait) ? setTimeout(() => this.#weigh(), wait + 1).unref() : null;
  }
}

const keys = new WeakMap<RealServer, string>();

/** Asked of thousands of servers at each decision, while anything is down. */
function keyOf(virtual: Virtual, real: RealServer): string {
  const known = keys.get(real);
  if (known !== undefined) return known;
  const key = observedKey(virtual, real);
  keys.set(real, key);
  return key;
}

function isSameBallot(one: Ballot, other: Ballot): boolean {
  if (one.voters !== other.voters || one.down.size !== other.down.size) return false;
  for (const [key, votes] of one.down) if (other.down.get(key) !== votes) return false;
  return true;
}
