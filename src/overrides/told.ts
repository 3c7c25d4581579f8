/** What is to be told of a change of the overrides that are in force, across changes of the configuration. */

import type { Event } from '../events.js';
import { type AgentWeight, shareText } from '../model/agent-word.js';
import type { RealServer, Virtual } from '../model/config.js';
import { plainOrigin } from '../model/origin.js';
import type { Hold, InForce, WeightOverride } from '../model/override.js';
import { among, replace } from '../model/revised.js';
import { type Subject, subjectKey, subjectOf } from '../model/subject.js';
import { type Ending, originOfEnd } from './in-force.js';

/** What is asked for servers, by their keys, which stay from one configuration to the next. */
type ByName<T> = ReadonlyMap<string, { readonly asked: T; readonly subject: Subject }>;

/** What is in force, as far as it is told. */
export interface ToldOverrides {
  readonly held: ByName<Hold>;
  readonly weights: ByName<WeightOverride>;
  readonly shares: ByName<AgentWeight>;
}

const nobody: ByName<never> = new Map();
export const nothingTold: ToldOverrides = { held: nobody, weights: nobody, shares: nobody };

/** Of the servers of these virtuals. */
export function toldOf(
  { virtuals }: { readonly virtuals: Iterable<Virtual> },
  { held, weights, shares }: InForce,
): ToldOverrides {
  return { held: byName(virtuals, held), weights: byName(virtuals, weights), shares: byName(virtuals, shares) };
}

/** What of it is about servers of these virtuals. */
export function toldAmong({ held, weights, shares }: ToldOverrides, virtuals: Iterable<Virtual>): ToldOverrides {
  if (held.size + weights.size + shares.size === 0) return nothingTold;
  const keys: string[] = [];
  for (const virtual of virtuals)
    for (const real of virtual.realServers) keys.push(subjectKey(subjectOf(virtual, real)));
  return { held: among(held, keys), weights: among(weights, keys), shares: among(shares, keys) };
}

/** All of it once `after` was told in the place of `before`. */
export function retold(all: ToldOverrides, before: ToldOverrides, after: ToldOverrides): ToldOverrides {
  return {
    held: replace(all.held, before.held, after.held),
    weights: replace(all.weights, before.weights, after.weights),
    shares: replace(all.shares, before.shares, after.shares),
  };
}

/** What is new in `after`; and who ended it, where somebody does so now. */
export function overrideEvents(before: ToldOverrides, after: ToldOverrides, ending: Ending | null = null): Event[] {
  return [
    ...holdEvents(before.held, after.held, ending),
    ...weightEvents(before.weights, after.weights, ending),
    ...shareEvents(before.shares, after.shares),
  ];
}

function byName<T>(virtuals: Iterable<Virtual>, asked: ReadonlyMap<RealServer, T>): ByName<T> {
  if (asked.size === 0) return nobody;
  const found = new Map<string, { asked: T; subject: Subject }>();
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      const its = asked.get(real);
      if (its === undefined) continue;
      const subject = subjectOf(virtual, real);
      found.set(subjectKey(subject), { asked: its, subject });
    }
  }
  return found;
}

/** A server that the configuration no longer names is held no more. */
function holdEvents(before: ByName<Hold>, after: ByName<Hold>, ending: Ending | null): Event[] {
  const events: Event[] = [];
  for (const [name, { subject }] of before) {
    if (!after.has(name)) events.push({ type: 'maintenance-ended', ...subject, ...originOfEnd(name, ending) });
  }
  for (const [name, { subject, asked }] of after) {
    if (before.has(name)) continue;
    const { reason, note } = asked;
    events.push({ type: 'maintenance-began', ...subject, reason, note, ...plainOrigin(asked) });
  }
  return events;
}

function weightEvents(before: ByName<WeightOverride>, after: ByName<WeightOverride>, ending: Ending | null): Event[] {
  const events: Event[] = [];
  for (const [name, { subject }] of before) {
    if (!after.has(name)) events.push({ type: 'weight-restored', ...subject, ...originOfEnd(name, ending) });
  }
  for (const [name, { subject, asked }] of after) {
    const earlier = before.get(name)?.asked;
    const isSame = earlier?.weight === asked.weight && earlier.until === asked.until && earlier.since === asked.since;
    if (isSame) continue;
    events.push({ type: 'weight-overridden', ...subject, ...asked });
  }
  return events;
}

/** That an agent leaves a server its whole weight is nothing to tell, unless it did not before. */
function shareEvents(before: ByName<AgentWeight>, after: ByName<AgentWeight>): Event[] {
  const events: Event[] = [];
  for (const [name, { subject }] of before) {
    if (!after.has(name) && shareOf(before, name) !== null)
      events.push({ type: 'agent-weight', ...subject, weight: null });
  }
  for (const [name, { subject }] of after) {
    const weight = shareOf(after, name);
    if (weight !== shareOf(before, name)) events.push({ type: 'agent-weight', ...subject, weight });
  }
  return events;
}

function shareOf(shares: ByName<AgentWeight>, name: string): string | null {
  const share = shares.get(name)?.asked;
  return share === undefined || ('percent' in share && share.percent === 100) ? null : shareText(share);
}
