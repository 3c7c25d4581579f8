/**
 * Three directors ask and take back at random, while the store is away from some of them, answers are lost, directors start
 * anew from what they had on disk, and their clocks are up to a minute off. When all have met again, all hold the same, and
 * nothing that was acknowledged is lost to something earlier. Time is faked, and a seed says all of a history.
 */

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { entryIn } from '../../../src/directors/shared/entry.js';
import { aboutOf, keyOf } from '../../../src/directors/shared/keys.js';
import { type Found, type Kept, Replica, type Write } from '../../../src/directors/shared/replica.js';
import { compareStamps, type Stamp } from '../../../src/directors/shared/stamp.js';
import type { Override } from '../../../src/model/override.js';
import { isSameSubject, standing, withOverride } from '../../../src/overrides/by-hand.js';
import { type Random, seeded } from '../../helpers/random.js';

const histories = 1_000;
const steps = 60;
const minute = 60_000;

/** As etcd: one value a key, a revision for each change, writes that compare, and what has changed since a revision. */
class ModelledStore {
  readonly values = new Map<string, Found>();
  revision = 1;
  compacted = 0;
  readonly changes: { readonly revision: number; readonly key: string; readonly found: Found | null }[] = [];

  put(key: string, value: string | null): number {
    this.revision += 1;
    const found = value === null ? null : { value, revision: this.revision };
    if (found === null) this.values.delete(key);
    else this.values.set(key, found);
    this.changes.push({ revision: this.revision, key, found });
    return this.revision;
  }

  /** The revision, or null where the key has changed. */
  write({ key, expected, value }: Write): number | null {
    return (this.values.get(key)?.revision ?? 0) === expected ? this.put(key, value) : null;
  }
}

/** Something that was acknowledged to somebody. */
interface Decision {
  readonly key: string;
  readonly stamp: Stamp;
  /** Of a clock that is right. */
  readonly at: number;
}

class Director {
  readonly name: string;
  readonly offset: number;
  replica: Replica;
  isThere = true;
  /** Up to which revision it has read; null where it has to read all. */
  cursor: number | null = null;
  disk: readonly (readonly [string, Kept])[] = [];
  readonly #store: ModelledStore;

  constructor(name: string, offset: number, store: ModelledStore) {
    this.name = name;
    this.offset = offset;
    this.#store = store;
    this.replica = new Replica(name);
  }

  save(): void {
    this.disk = JSON.parse(JSON.stringify([...this.replica.all()])) as typeof this.disk;
  }

  restart(): void {
    this.replica = new Replica(this.name);
    this.replica.restore(this.disk);
    this.cursor = null;
  }

  /** Hears of at most so many changes. */
  hear(most: number): void {
    if (this.cursor === null || this.cursor < this.#store.compacted) {
      this.replica.seeAll(new Map(this.#store.values), true);
      this.cursor = this.#store.revision;
      return;
    }
    const cursor = this.cursor;
    for (const change of this.#store.changes.filter(({ revision }) => revision > cursor).slice(0, most)) {
      this.replica.see(change.key, change.found);
      this.cursor = change.revision;
    }
  }

  /** Writes one of what the store does not have; the answer may get lost. */
  write(now: number, random: Random): void {
    const writes = this.replica.writes(now + this.offset);
    const write = writes[random(Math.max(1, writes.length))];
    if (write === undefined) return;
    const revision = this.#store.write(write);
    if (random(4) === 0) return;
    if (revision !== null) this.replica.written(write, revision);
    else this.replica.see(write.key, this.#store.values.get(write.key) ?? null);
  }
}

const servers = ['web1:80', 'web2:80', '[2001:db8::1]:80'];

function overrideFor(random: Random, since: number): Override {
  const kind = random(2) === 0 ? 'drain' : 'weight';
  return {
    kind,
    server: servers[random(servers.length)] ?? '',
    virtual: random(3) === 0 ? 'udp/203.0.113.10:53' : null,
    weight: kind === 'drain' ? 0 : random(100),
    until: kind === 'weight' && random(2) === 0 ? since + 5 * minute : null,
    who: 'root (alice)',
    since,
    why: random(2) === 0 ? null : 'kernel update',
  };
}

/** Somebody asks for something, or takes something back; and is told that it is done. */
function decide(director: Director, now: number, random: Random): readonly Decision[] {
  const { replica, offset } = director;
  const here = now + offset;
  const before = standing(replica.byHand, here);
  const latest = latestOf(replica);
  const victim = before[random(Math.max(1, before.length))];
  if (victim !== undefined && random(2) === 0) {
    const after = before.filter((other) => !isSameSubject(other, victim));
    replica.decide(after, { origin: { who: 'bob', since: here, why: null }, about: [] }, here);
    return [acknowledged(director, keyOf(victim), latest, now)];
  }
  const override = overrideFor(random, here);
  replica.decide(withOverride(before, override), null, here);
  return [acknowledged(director, keyOf(override), latest, now)];
}

function latestOf(replica: Replica): Stamp | null {
  const stamps = [...replica.all()].flatMap(([, { entry }]) => entry.stamp ?? []);
  return stamps.sort(compareStamps).at(-1) ?? null;
}

function acknowledged(director: Director, key: string, latest: Stamp | null, at: number): Decision {
  director.save();
  const stamp = new Map(director.replica.all()).get(key)?.entry.stamp ?? null;
  assert.ok(stamp !== null, `${key} was decided, and has no stamp`);
  assert.ok(latest === null || compareStamps(stamp, latest) > 0, 'it is later than all that was seen');
  return { key, stamp, at };
}

function heal(directors: readonly Director[], store: ModelledStore, now: number): void {
  for (let round = 0; round < 50; round += 1) {
    for (const director of directors) {
      director.isThere = true;
      director.hear(Number.POSITIVE_INFINITY);
      for (const write of director.replica.writes(now + director.offset)) {
        const revision = store.write(write);
        if (revision !== null) director.replica.written(write, revision);
      }
    }
    const isQuiet = directors.every(({ replica, cursor }) => replica.pending === 0 && cursor === store.revision);
    if (isQuiet) return;
  }
  assert.fail('they never came to rest');
}

function history(seed: number, withPeople: boolean): void {
  const random = seeded(seed);
  const store = new ModelledStore();
  const directors = ['lb1', 'lb2', 'lb3'].map((name) => new Director(name, random(2 * minute + 1) - minute, store));
  const decisions: Decision[] = [];
  let now = 1_764_000_000_000;
  for (let step = 0; step < steps; step += 1) {
    now += random(20) === 0 ? random(10 * minute) : random(3_000);
    const director = directors[random(directors.length)] as Director;
    const what = random(withPeople ? 11 : 10);
    if (what < 3) decisions.push(...decide(director, now, random));
    else if (what < 5 && director.isThere) director.hear(1 + random(5));
    else if (what < 7 && director.isThere) director.write(now, random);
    else if (what === 7) director.isThere = !director.isThere;
    else if (what === 8) random(3) === 0 ? director.restart() : director.save();
    else if (what === 9) store.compacted = Math.max(store.compacted, store.revision - random(5));
    else if (what === 10) {
      const key = keyOf(overrideFor(random, now));
      store.put(key, store.values.has(key) && random(2) === 0 ? null : '5 by a script');
    }
  }
  heal(directors, store, now);
  const [first, ...others] = directors.map(({ replica }) => replica.byHand);
  for (const other of others) assert.deepEqual(other, first);
  const stored = [...store.values].map(([key, { value }]) => {
    const about = aboutOf(key);
    assert.ok(!('fault' in about));
    const entry = entryIn(about, value);
    assert.ok(!('fault' in entry));
    return [key, entry] as const;
  });
  const asked = stored.flatMap(([, entry]) => entry.asked ?? []);
  assert.deepEqual(new Set(first?.map(keyOf)), new Set(asked.map(keyOf)));
  if (withPeople) return;
  const values = new Map(stored);
  for (const { key, stamp, at } of decisions) {
    const won = values.get(key)?.stamp ?? null;
    assert.ok(won !== null && compareStamps(won, stamp) >= 0, `${key}: a later one was lost`);
    const winner = decisions.find((other) => other.key === key && compareStamps(other.stamp, won) === 0);
    assert.ok(winner !== undefined, `${key} holds what nobody has asked for`);
    assert.ok(at - winner.at <= 2 * minute, `${key}: lost to one that is older than clocks may differ`);
  }
}

test(`${histories} histories of three directors, a store, partitions, restarts and clocks that differ`, () => {
  const first = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  for (let seed = first; seed < first + histories; seed += 1) {
    try {
      history(seed, seed % 4 === 0);
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  process.stdout.write(`# seeds ${first} to ${first + histories - 1}\n`);
});
