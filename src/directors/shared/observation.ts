/**
 * What a director sees of its servers that is not as usual, by virtual service: those that its own checks say are down,
 * those that something holds out of use, and weights that are not the file's. As long as all is well it is short, and
 * however many servers of a rack die at once, it is one value.
 */

import type { Config, RealServer, Virtual } from '../../model/config.js';
import { serverName } from '../../model/names.js';
import { type InForce, isDrained } from '../../model/override.js';
import { subjectKey, subjectOf, virtualKey, virtualSubjectOf } from '../../model/subject.js';
import { objectIn, textsIn } from './presence.js';

/** Names of servers by the key of their virtual service. */
type Named = Readonly<Record<string, readonly string[]>>;

export interface Observation {
  readonly down: Named;
  readonly held: Named;
  readonly weights: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Whether there are more than can be said; then it says nothing about those that are not in it. */
  readonly isCut: boolean;
}

/** Servers of which something is said: about half of what etcd takes in one request. */
export const mostNamed = 20_000;

export const asUsual: Observation = { down: {}, held: {}, weights: {}, isCut: false };

/** `isUp` and `isDecided` are what its own checks say, whatever others see. */
export function observe(
  { virtuals }: Config,
  { held, weights }: Pick<InForce, 'held' | 'weights'>,
  isDown: (real: RealServer, virtual: Virtual) => boolean,
): { readonly observation: Observation; readonly servers: number; readonly down: number } {
  const named = { down: new Map<string, string[]>(), held: new Map<string, string[]>() };
  const others = new Map<string, Map<string, number>>();
  let [servers, down, said] = [0, 0, 0];
  for (const virtual of virtuals) {
    let key: string | null = null;
    for (const real of virtual.realServers) {
      servers += 1;
      const isDownHere = isDown(real, virtual);
      const hold = held.get(real);
      const weight = weights.get(real);
      if (isDownHere) down += 1;
      if (!isDownHere && hold === undefined && weight === undefined) continue;
      said += 1;
      if (said > mostNamed) continue;
      key ??= virtualKey(virtualSubjectOf(virtual));
      const name = serverName(real);
      if (isDownHere) add(named.down, key, name);
      if (hold !== undefined) add(named.held, key, isDrained(hold) ? name : `${name} down`);
      if (weight !== undefined) others.set(key, (others.get(key) ?? new Map()).set(name, weight.weight));
    }
  }
  const observation = {
    down: Object.fromEntries(named.down),
    held: Object.fromEntries(named.held),
    weights: Object.fromEntries([...others].map(([key, its]) => [key, Object.fromEntries(its)])),
    isCut: said > mostNamed,
  };
  return { observation, servers, down };
}

function add(names: Map<string, string[]>, key: string, name: string): void {
  const others = names.get(key);
  if (others === undefined) names.set(key, [name]);
  else others.push(name);
}

/** What is usual is left out. */
export function observationText({ down, held, weights, isCut }: Observation): string {
  return JSON.stringify({
    ...(!isEmpty(down) && { down }),
    ...(!isEmpty(held) && { held }),
    ...(!isEmpty(weights) && { weights }),
    ...(isCut && { cut: true }),
  });
}

export function observationIn(text: string): Observation {
  const { down, held, weights, cut } = objectIn(text);
  return { down: namedIn(down), held: namedIn(held), weights: weightsIn(weights), isCut: cut === true };
}

/** The keys of the servers that are named: as `subjectKey` has them. */
export function* keysIn(named: Named): Generator<string> {
  for (const [virtual, servers] of Object.entries(named)) for (const server of servers) yield `${virtual} ${server}`;
}

export function weightKeysIn({ weights }: Observation): Map<string, number> {
  return new Map(
    Object.entries(weights).flatMap(([virtual, its]) =>
      Object.entries(its).map(([server, weight]): [string, number] => [`${virtual} ${server}`, weight]),
    ),
  );
}

/** The key of a server by which it is named in observations. */
export function observedKey(virtual: Virtual, real: RealServer): string {
  return subjectKey(subjectOf(virtual, real));
}

function namedIn(value: unknown): Named {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, names]) => [key, textsIn(names)]));
}

function weightsIn(value: unknown): Observation['weights'] {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, its]) => [
      key,
      Object.fromEntries(
        Object.entries(typeof its === 'object' && its !== null ? its : {}).filter(([, weight]) =>
          Number.isInteger(weight),
        ),
      ) as Record<string, number>,
    ]),
  );
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
