/** What has been told of decisions, and what of the next one is news. */

import type { Event, Publish } from '../events.js';
import type { Virtual } from '../model/config.js';
import type { InForce } from '../model/override.js';
import { among, replace } from '../model/revised.js';
import { keyOfVirtual, subjectKey, subjectOf, type VirtualSubject, virtualSubjectOf } from '../model/subject.js';
import type { Ending } from '../overrides/in-force.js';
import { nothingTold, overrideEvents, retold, type ToldOverrides, toldAmong, toldOf } from '../overrides/told.js';
import { hasPolicies, policyEvents, type ToldPolicies, toldPolicies } from './standings/holds.js';
import type { Evidence } from './standings/standing.js';
import type { Standings } from './standings/standings.js';
import { minimumEvents, type ToldMinimum, toldMinimum } from './standings/told-minimum.js';
import { type ToldVotes, toldVotes, voteEvents } from './standings/told-votes.js';
import { type UseChange, unservedOf, useOf } from './standings/use.js';

export interface TellingOptions extends Pick<Evidence, 'policyHoldOf'> {
  readonly publish: Publish;
  /** Keys of virtuals of which it was told before that no real server is in use. */
  readonly unused: Iterable<string>;
  /** Others are overridden than before. */
  readonly onOverridden?: (inForce: InForce) => void;
}

export class Telling {
  readonly #options: TellingOptions;
  #overrides: ToldOverrides = nothingTold;
  #policies: ToldPolicies = new Map();
  /** By the virtual's key. */
  #use: Map<string, boolean>;
  /** Virtuals of which it was told that nobody answers their clients, by key. */
  #unserved: ReadonlyMap<string, VirtualSubject> = new Map();
  /** Virtuals of which it was told that they are below their minimum, by key. */
  #below: ToldMinimum = new Map();
  /** Virtuals of which it was told that other directors decide about their servers, by key. */
  #votes: ToldVotes = new Map();

  constructor(options: TellingOptions) {
    this.#options = options;
    this.#use = new Map([...options.unused].map((key) => [key, false]));
  }

  /** Who is held out or has another weight, of all virtuals; of which of them are in use `tellUse` tells. */
  tellAll(before: Standings | null, decided: Standings): void {
    const { config: ruling, overrides: asked } = decided;
    const told = toldOf(ruling, decided.inForce);
    this.#publish(overrideEvents(this.#overrides, told, asked.ending));
    this.#overrides = told;
    if (decided.inForce !== before?.inForce) this.#options.onOverridden?.(decided.inForce);
    const below = toldMinimum(decided);
    this.#publish(minimumEvents(this.#below, below));
    this.#below = below;
    const votes = toldVotes(decided);
    this.#publish(voteEvents(this.#votes, votes));
    this.#votes = votes;
    const policies = toldPolicies(ruling.virtuals, decided, this.#options.policyHoldOf);
    this.#publish(policyEvents(this.#policies, policies, asked.ending));
    this.#policies = policies;
  }

  /** All that is new of these virtuals. */
  tell(virtuals: ReadonlySet<Virtual>, before: Standings, decided: Standings, ending: Ending | null): void {
    if (decided.inForce !== before.inForce) {
      const [was, is] = [toldAmong(this.#overrides, virtuals), toldOf({ virtuals }, decided.inForce)];
      this.#publish(overrideEvents(was, is, ending));
      this.#overrides = retold(this.#overrides, was, is);
      this.#options.onOverridden?.(decided.inForce);
    }
    const keys = [...virtuals].map((virtual) => keyOfVirtual(virtual));
    const [below, isBelow] = [among(this.#below, keys), toldMinimum(decided, virtuals)];
    this.#publish(minimumEvents(below, isBelow));
    this.#below = replace(this.#below, below, isBelow);
    const [voted, isVoted] = [among(this.#votes, keys), toldVotes(decided, virtuals)];
    this.#publish(voteEvents(voted, isVoted));
    this.#votes = replace(this.#votes, voted, isVoted);
    this.#tellPolicies(virtuals, decided, ending);
    const { use, changes } = useOf(virtuals, decided, this.#use);
    for (const [key, inUse] of use) this.#use.set(key, inUse);
    this.#tellUse(changes);
    this.#tellService(among(this.#unserved, keys), unservedOf(virtuals, decided, use));
  }

  /** Which virtuals have lost their last server or got a first one, and of which nobody answers the clients. */
  tellUse(decided: Standings): void {
    const { virtuals } = decided.config;
    const { use, changes } = useOf(virtuals, decided, this.#use);
    this.#use = use;
    this.#tellUse(changes);
    this.#tellService(this.#unserved, unservedOf(virtuals, decided, use));
  }

  /** Whether a real server of the virtual is in use. */
  isInUse(virtual: Virtual): boolean {
    return this.#use.get(keyOfVirtual(virtual)) ?? false;
  }

  /** Keys of the virtuals that are not. */
  get unused(): string[] {
    return [...this.#use].filter(([, inUse]) => !inUse).map(([key]) => key);
  }

  #tellPolicies(virtuals: ReadonlySet<Virtual>, decided: Standings, ending: Ending | null): void {
    const own = [...virtuals].filter(hasPolicies);
    if (own.length === 0) return;
    const keys = own.flatMap((virtual) => virtual.realServers.map((real) => subjectKey(subjectOf(virtual, real))));
    const was = among(this.#policies, keys);
    const is = toldPolicies(own, decided, this.#options.policyHoldOf);
    this.#publish(policyEvents(was, is, ending));
    this.#policies = replace(this.#policies, was, is);
  }

  #tellUse(changes: readonly UseChange[]): void {
    for (const { virtual, inUse } of changes) {
      this.#options.publish({ type: inUse ? 'virtual-up' : 'virtual-down', ...virtualSubjectOf(virtual) });
    }
  }

  #tellService(before: ReadonlyMap<string, VirtualSubject>, unserved: ReadonlyMap<string, VirtualSubject>): void {
    const { publish } = this.#options;
    for (const [key, subject] of before) {
      // Of one that is gone there is nothing to tell.
      if (!unserved.has(key) && this.#use.has(key)) publish({ type: 'virtual-served', ...subject });
    }
    for (const [key, subject] of unserved) {
      if (!before.has(key)) publish({ type: 'virtual-unserved', ...subject });
    }
    this.#unserved = replace(this.#unserved, before, unserved);
  }

  #publish(events: readonly Event[]): void {
    for (const event of events) this.#options.publish(event);
  }
}
