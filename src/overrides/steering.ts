/** Carries out what people ask for single servers: finds the servers, keeps the override, and lets it count. */

import type { Config } from '../model/config.js';
import type { Origin } from '../model/origin.js';
import type { Hold, Override } from '../model/override.js';
import { type Subject, subjectKey, subjectOf } from '../model/subject.js';
import { inSlices } from '../slices.js';
import { isAbout, isSameSubject, nameByHand, withOverride } from './by-hand.js';
import type { ByHandFile, Ended } from './by-hand-file.js';
import { findCalled } from './called-virtuals.js';
import { consequences, type Situation, type SteeringVerb, wordsOf } from './consequences.js';
import { removeDrainFile, writeDrainFile } from './drain-files.js';
import type { Ending, Overrides } from './in-force.js';
import { findPlaces, type NamedServer, type Place, SteeringRefusal } from './places.js';
import { namesOf } from './server-names.js';
import type { OverrideStore } from './store.js';

export interface Steered {
  /** The places of the server that it is about. */
  readonly servers: readonly (Subject & {
    /** Why the table does not have it as asked for yet; null where it has. */
    readonly missing: string | null;
    /** By what it was held until it was undrained; null where it was not, or still is. */
    readonly ended: Hold | null;
  })[];
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
}

/** Who asks for something, and why. */
export type Author = Pick<Origin, 'who' | 'why'>;

/** How something is asked for. */
export interface Wish extends Author {
  /** Whether a virtual service may lose the last server that serves it. */
  readonly force: boolean;
}

/**
 * What can be asked for servers. Each settles when it counts, and the table is as it asks for or the answer says what is
 * missing; rejects with a SteeringRefusal.
 */
export interface Steering {
  drain(target: NamedServer, wish: Wish): Promise<Steered>;
  undrain(target: NamedServer, by: Author): Promise<Steered>;
  /** Null is the file's weight again; `until` in milliseconds since 1970, null for good. */
  setWeight(target: NamedServer, weight: number | null, until: number | null, wish: Wish): Promise<Steered>;
}

export interface SteeringOptions extends Situation {
  readonly store: OverrideStore;
  readonly file: ByHandFile;
  /** Whether other directors take over what is asked here: then it is not kept in files of `maintenancedir`, which are this one's. */
  readonly isShared?: () => boolean;
  readonly config: () => Config;
  /**
   * Lets what was asked count; settles when the table is as it asks for, or that has been tried for some time: for each
   * place with why it is not, or null.
   */
  readonly apply: (places: readonly Place[]) => Promise<readonly (string | null)[]>;
  /** Lets policies forget what they hold servers out for; returns of how many they did. */
  readonly forgive: (places: readonly Place[]) => number;
  /** Which virtual services would lose the last server that serves them, if this were asked for; null where none would. */
  readonly objection: (asked: Overrides) => string | null;
}

/** Milliseconds: the table has twenty; what is left is for a file system that may be another machine's. */
const deadline = 30_000;

export class ServerSteering implements Steering {
  readonly #options: SteeringOptions;
  /** One at a time, in the order asked for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SteeringOptions) {
    this.#options = options;
  }

  /** What was asked for before counts again. Settles with why not all of it does, or null. */
  async resume(): Promise<string | null> {
    try {
      const { byHand, fault } = await this.#options.file.read();
      this.#options.store.byHand = byHand;
      return fault;
    } catch (error) {
      return (error as Error).message;
    }
  }

  drain(target: NamedServer, wish: Wish): Promise<Steered> {
    return this.#inTurn('drain', async (notes) => {
      const places = await this.#placesOf(target);
      const drain = { kind: 'drain', virtual: target.virtual, weight: 0, until: null, ...originOf(wish) } as const;
      const withDrains = (servers: readonly string[]): readonly Override[] =>
        servers.reduce((all, server) => withDrain(all, { ...drain, server }), this.#byHand);
      this.#refuseLast(withDrains(namesIn(places)), wish);
      const isByFile = target.virtual === null && !this.#options.isShared?.();
      const left = isByFile ? await this.#writeFiles(places, wish, notes) : namesIn(places);
      await this.#keep(withDrains(left), null, notes);
      return places;
    });
  }

  undrain(target: NamedServer, by: Author): Promise<Steered> {
    return this.#inTurn('undrain', async (notes) => {
      const places = await this.#placesOf(target);
      this.#options.store.ending = endingOf(places, by);
      const ends = (override: Override): boolean =>
        override.kind === 'drain' && isMeant(override, target) && isAboutOne(override, places);
      const files = target.virtual === null ? await this.#removeFiles(places) : 0;
      const left = this.#byHand.filter((override) => !ends(override));
      const forgiven = this.#options.forgive(places);
      if (left.length === this.#byHand.length && files === 0 && forgiven === 0) throw this.#notDrained(target, places);
      const { virtual } = target;
      const about = namesIn(places).map((server) => ({ kind: 'drain', server, virtual }) as const);
      await this.#keep(left, { origin: originOf(by), about }, notes);
      return places;
    });
  }

  setWeight(target: NamedServer, weight: number | null, until: number | null, wish: Wish): Promise<Steered> {
    return this.#inTurn('weight', async (notes) => {
      const places = await this.#placesOf(target);
      const { virtual } = target;
      const ends = (override: Override): boolean =>
        override.kind === 'weight' && isMeant(override, target) && isAboutOne(override, places);
      const origin = originOf(wish);
      const byHand =
        weight === null
          ? this.#byHand.filter((override) => !ends(override))
          : namesIn(places).reduce(
              (all, server) => withOverride(all, { kind: 'weight', server, virtual, weight, until, ...origin }),
              this.#byHand,
            );
      this.#refuseLast(byHand, wish);
      if (weight === null) this.#options.store.ending = endingOf(places, wish);
      await this.#keep(byHand, weight === null ? { origin, about: [] } : null, notes);
      return places;
    });
  }

  /** In the configuration that rules when they are found. */
  async #placesOf(target: NamedServer): Promise<readonly Place[]> {
    for (;;) {
      const config = this.#options.config();
      const places = await inSlices(findPlaces(config, target));
      // So that whoever decides about them has not to look through all.
      await inSlices(findCalled(config, namesIn(places)));
      if (config === this.#options.config()) return places;
    }
  }

  get #byHand(): readonly Override[] {
    return this.#options.store.byHand;
  }

  #inTurn(what: SteeringVerb, work: (notes: string[]) => Promise<readonly Place[]>): Promise<Steered> {
    const turn = this.#last.then(() =>
      withDeadline(async () => {
        const notes: string[] = [];
        const before = this.#options.inForce().held;
        const places = await work(notes);
        const missing = await this.#options.apply(places);
        const after = this.#options.inForce().held;
        const servers = places.map(({ virtual, real }, index) => ({
          ...subjectOf(virtual, real),
          missing: missing[index] ?? null,
          ended: what === 'undrain' ? endedOf(before.get(real), after.get(real)) : null,
        }));
        return { servers, notes: [...notes, ...consequences(what, places, this.#options)] };
      }),
    );
    this.#last = turn
      .catch(() => {})
      .finally(() => {
        this.#options.store.ending = null;
      });
    return turn;
  }

  /** Lets them count even where they cannot be kept. */
  async #keep(byHand: readonly Override[], ended: Ended | null, notes: string[]): Promise<void> {
    const before = this.#byHand;
    const isSame = byHand.length === before.length && byHand.every((override, index) => override === before[index]);
    // Others may hold for a policy what nothing was asked for.
    if (isSame && (ended === null || !this.#options.isShared?.())) return;
    this.#options.store.byHand = byHand;
    await this.#options.file.write(byHand, ended).catch((error: Error) => {
      notes.push(`a restart will forget it: ${error.message}`);
    });
  }

  /** In the turn in which it then counts: two who drain the last two servers do not both find another one. */
  #refuseLast(byHand: readonly Override[], { force }: Wish): void {
    const objection = force ? null : this.#options.objection({ ...this.#options.store.all, byHand });
    if (objection !== null) throw new SteeringRefusal('last-server', objection);
  }

  /** Gives the names of those that no file could be written for. */
  async #writeFiles(places: readonly Place[], wish: Wish, notes: string[]): Promise<readonly string[]> {
    const { directory } = this.#options.store;
    if (directory === null) return namesIn(places);
    const left: string[] = [];
    for (const name of namesIn(places)) {
      try {
        // Somebody's own file holds the server out as well, and longer.
        const isDrain = directory.notes.get(name)?.isDrain ?? false;
        await writeDrainFile(directory.path, name, wish, isDrain && wish.why !== null);
      } catch (error) {
        left.push(name);
        notes.push(`not kept in maintenancedir: ${(error as Error).message}`);
      }
    }
    await directory.refresh();
    return left;
  }

  /** Only those that ask for a drain; gives how many there were. */
  async #removeFiles(places: readonly Place[]): Promise<number> {
    const { directory } = this.#options.store;
    if (directory === null) return 0;
    const names = new Set(places.flatMap(({ real }) => namesOf(real)));
    const drains = [...directory.notes].flatMap(([name, { isDrain }]) =>
      isDrain && names.has(name.toLowerCase()) ? [name] : [],
    );
    for (const name of drains) await removeDrainFile(directory.path, name);
    await directory.refresh();
    return drains.length;
  }

  #notDrained({ server, virtual }: NamedServer, places: readonly Place[]): SteeringRefusal {
    const { held } = this.#options.inForce();
    const elsewhere = this.#byHand.some((override) => override.kind === 'drain' && isAboutOne(override, places));
    const hold = places.map(({ real }) => held.get(real)).find((some) => some !== undefined);
    if (elsewhere && virtual !== null) {
      return new SteeringRefusal(
        'refused',
        `'${server}' was drained in every virtual service: undrain it in all of them`,
      );
    }
    return new SteeringRefusal(
      'refused',
      `'${server}' is not drained by hand${hold ? `; it is held by: ${wordsOf(hold)}` : ''}`,
    );
  }
}

/** Who comes next need not wait for a file system that does not answer. */
async function withDeadline<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const reason = `not done within ${deadline / 1000} s: does the file system of maintenancedir answer?`;
    timer = setTimeout(() => reject(new Error(reason)), deadline);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function namesIn(places: readonly Place[]): readonly string[] {
  return [...new Set(places.map(({ real }) => nameByHand(real)))];
}

function originOf({ who, why }: Author): Origin {
  return { who, since: Date.now(), why };
}

function endingOf(places: readonly Place[], by: Author): Ending {
  const origin = originOf(by);
  return new Map(places.map(({ virtual, real }) => [subjectKey(subjectOf(virtual, real)), origin]));
}

/** With this one; who drains once more without a reason leaves it to whoever did so first, and to their reason. */
function withDrain(overrides: readonly Override[], drain: Override): readonly Override[] {
  const isDrained = drain.why === null && overrides.some((other) => isSameSubject(other, drain));
  return isDrained ? overrides : withOverride(overrides, drain);
}

/** What has ended of how it was held. */
function endedOf(before: Hold | undefined, after: Hold | undefined): Hold | null {
  if (before === undefined) return null;
  return after?.reason === before.reason && after.since === before.since ? null : before;
}

/** Without a virtual all are, those about one virtual as well. */
function isMeant(override: Override, { virtual }: NamedServer): boolean {
  return virtual === null || override.virtual === virtual;
}

function isAboutOne(override: Override, places: readonly Place[]): boolean {
  return places.some(({ virtual, real }) => isAbout(override, virtual, real));
}
