/** Carries out what people ask for single servers: finds the servers, keeps the override, and lets it count. */

import type { Config, Virtual } from '../model/config.js';
import { endpointName, serverName } from '../model/names.js';
import { type InForce, isDrained, type Override } from '../model/override.js';
import { type Subject, subjectOf } from '../model/subject.js';

import { isAbout, nameByHand, withOverride } from './by-hand.js';
import type { ByHandFile } from './by-hand-file.js';
import { removeDrainFile, writeDrainFile } from './drain-files.js';

import { type NamedServer, type Place, placesOf, SteeringRefusal } from './places.js';
import { namesOf } from './server-names.js';
import type { OverrideStore } from './store.js';

export interface Steered {
  /** The places of the server that it is about. */
  readonly servers: readonly (Subject & {
    /** Why the table does not have it as asked for yet; null where it has. */
    readonly missing: string | null;
  })[];
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * What can be asked for servers. Each settles when it counts, and the table is as it asks for or the answer says what is
 * missing; rejects with a SteeringRefusal.
 */
export interface Steering {
  drain(target: NamedServer): Promise<Steered>;
  undrain(target: NamedServer): Promise<Steered>;
  /** Null is the file's weight again; `until` in milliseconds since 1970, null for good. */
  setWeight(target: NamedServer, weight: number | null, until: number | null): Promise<Steered>;
}

export interface SteeringOptions {
  readonly store: OverrideStore;
  readonly file: ByHandFile;
  readonly config: () => Config;
  /**
   * Lets what was asked count; settles when the table is as it asks for, or that has been tried for some time: for each
   * place with why it is not, or null.
   */
  readonly apply: (places: readonly Place[]) => Promise<readonly (string | null)[]>;
  /** As it was decided last. */
  readonly inForce: () => InForce;
  readonly isInUse: (virtual: Virtual) => boolean;
  /** Whether a fallback would answer. */
  readonly hasFallback: (virtual: Virtual) => boolean;
  /** Lets policies forget what they hold servers out for; returns of how many they did. */
  readonly forgive: (places: readonly Place[]) => number;
}

/** Milliseconds: the table has twenty; what is left is for a file system that may be another machine's. */
const deadline = 30_000;

type Request = 'drain' | 'undrain' | 'weight';

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

  drain(target: NamedServer): Promise<Steered> {
    return this.#inTurn('drain', async (notes) => {
      const places = placesOf(this.#options.config(), target);
      const left = target.virtual === null ? await this.#writeFiles(places, notes) : namesIn(places);
      const drain = { kind: 'drain', virtual: target.virtual, weight: 0, until: null } as const;
      await this.#keep(
        left.reduce((all, server) => withOverride(all, { ...drain, server }), this.#byHand),
        notes,
      );
      return places;
    });
  }

  undrain(target: NamedServer): Promise<Steered> {
    return this.#inTurn('undrain', async (notes) => {
      const places = placesOf(this.#options.config(), target);
      const ends = (override: Override): boolean =>
        override.kind === 'drain' && isMeant(override, target) && isAboutOne(override, places);
      const files = target.virtual === null ? await this.#removeFiles(places) : 0;
      const left = this.#byHand.filter((override) => !ends(override));
      const forgiven = this.#options.forgive(places);
      if (left.length === this.#byHand.length && files === 0 && forgiven === 0) throw this.#notDrained(target, places);
      await this.#keep(left, notes);
      return places;
    });
  }

  setWeight(target: NamedServer, weight: number | null, until: number | null): Promise<Steered> {
    return this.#inTurn('weight', async (notes) => {
      const places = placesOf(this.#options.config(), target);
      const { virtual } = target;
      const ends = (override: Override): boolean =>
        override.kind === 'weight' && isMeant(override, target) && isAboutOne(override, places);
      const byHand =
        weight === null
          ? this.#byHand.filter((override) => !ends(override))
          : namesIn(places).reduce(
              (all, server) => withOverride(all, { kind: 'weight', server, virtual, weight, until }),
              this.#byHand,
            );
      await this.#keep(byHand, notes);
      return places;
    });
  }

  get #byHand(): readonly Override[] {
    return this.#options.store.byHand;
  }

  #inTurn(what: Request, work: (notes: string[]) => Promise<readonly Place[]>): Promise<Steered> {
    const turn = this.#last.then(() =>
      withDeadline(async () => {
        const notes: string[] = [];
        const places = await work(notes);
        const missing = await this.#options.apply(places);
        const servers = places.map((place, index) => ({
          ...subjectOf(place.virtual, place.real),
          missing: missing[index] ?? null,
        }));
        return { servers, notes: [...notes, ...this.#consequences(what, places)] };
      }),
    );
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Lets them count even where they cannot be kept. */
  async #keep(byHand: readonly Override[], notes: string[]): Promise<void> {
    const before = this.#byHand;
    if (byHand.length === before.length && byHand.every((override, index) => override === before[index])) return;
    this.#options.store.byHand = byHand;
    await this.#options.file.write(byHand).catch((error: Error) => {
      notes.push(`a restart will forget it: ${error.message}`);
    });
  }

  /** Gives the names of those that no file could be written for. */
  async #writeFiles(places: readonly Place[], notes: string[]): Promise<readonly string[]> {
    const { directory } = this.#options.store;
    if (directory === null) return namesIn(places);
    const left: string[] = [];
    for (const name of namesIn(places)) {
      try {
        // Somebody's own file holds the server out as well, and longer.
        await writeDrainFile(directory.path, name);
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
    const drains = [...directory.drains].filter((name) => names.has(name.toLowerCase()));
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
      `'${server}' is not drained by hand${hold ? `; it is held by: ${hold.reason}` : ''}`,
    );
  }

  #consequences(what: Request, places: readonly Place[]): string[] {
    const { inForce, isInUse, hasFallback } = this.#options;
    const { held } = inForce();
    const notes = places.flatMap(({ virtual, real }) => {
      const hold = held.get(real);
      if (hold === undefined || (what === 'drain' && isDrained(hold))) return [];
      return [`${serverName(real)} (${endpointName(virtual.endpoint)}) is held: ${hold.reason}`];
    });
    notes.push(...this.#whoStillComes(places));
    for (const virtual of new Set(places.map((place) => place.virtual))) {
      if (isInUse(virtual)) continue;
      const instead = hasFallback(virtual) ? 'its fallback answers' : 'nobody answers';
      notes.push(`no real server of ${endpointName(virtual.endpoint)} is in use: ${instead}`);
    }
    return notes;
  }

  /** At weight 0 a server gets no new connection, but for those of persistent clients as the kernel is set. */
  #whoStillComes(places: readonly Place[]): string[] {
    const { store, inForce } = this.#options;
    const { held, weights } = inForce();
    const kept = places.filter(
      ({ virtual, real }) =>
        virtual.persistent !== null && (isDrained(held.get(real)) || weights.get(real)?.weight === 0),
    );
    if (kept.length === 0 || !store.all.persistsAtZero) return [];
    const names = new Set(kept.map(({ virtual }) => endpointName(virtual.endpoint)));
    const advice = 'set sysctl net.ipv4.vs.expire_quiescent_template=1';
    return [`persistent clients of ${joinNames([...names])} still come to it: ${advice}`];
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

/** Names that a note lists. */
const longestList = 8;

function joinNames(names: readonly string[]): string {
  const more = names.length > longestList ? [`${names.length - longestList} more`] : [];
  return [...names.slice(0, longestList), ...more].join(', ');
}

function namesIn(places: readonly Place[]): readonly string[] {
  return [...new Set(places.map(({ real }) => nameByHand(real)))];
}

/** Without a virtual all are, those about one virtual as well. */
function isMeant(override: Override, { virtual }: NamedServer): boolean {
  return virtual === null || override.virtual === virtual;
}

function isAboutOne(override: Override, places: readonly Place[]): boolean {
  return places.some(({ virtual, real }) => isAbout(override, virtual, real));
}
