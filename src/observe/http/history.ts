/** What the last hour was like: health and connections of each virtual service, health of each server. */

import { protocolId } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { ServerStatus, Status, VirtualStatus } from '../../status/model.js';
import type { HistoryAnswer } from './shapes.js';
import { type StateLetter, StateRows } from './state-rows.js';

/** Milliseconds from one step to the next. */
export const historyStep = 10_000;
/** An hour. */
export const steps = 360;
/** Virtual services and servers whose course is kept: some thirty megabytes at most. */
const most = { virtuals: 4_096, servers: 40_000 } as const;

export const measures = ['up', 'servers', 'active', 'rate'] as const;
export type Sample = Readonly<Record<(typeof measures)[number], number>>;

class Course {
  /** The steps of one measure after those of another; NaN is not known. */
  readonly #values = new Float32Array(measures.length * steps).fill(Number.NaN);

  set(slot: number, sample: Sample | null): void {
    for (const name of measures) this.#values[placeOf(name, slot)] = sample?.[name] ?? Number.NaN;
  }

  /** Null where nothing is known. */
  at(slot: number): Sample | null {
    const value = (name: keyof Sample): number => this.#values[placeOf(name, slot)] ?? Number.NaN;
    const sample = { up: value('up'), servers: value('servers'), active: value('active'), rate: value('rate') };
    return Number.isNaN(sample.servers) ? null : sample;
  }

  /** From the slot after the newest, which is the oldest, round to it. */
  answer(newest: number, end: number): HistoryAnswer {
    const course = (name: keyof Sample): (number | null)[] =>
      inOrder(newest).map((slot) => {
        const value = this.#values[placeOf(name, slot)] ?? Number.NaN;
        return Number.isNaN(value) ? null : Math.round(value * 10) / 10;
      });
    const [up, servers, active, rate] = [course('up'), course('servers'), course('active'), course('rate')];
    return { step: historyStep, end, up, servers, active, rate };
  }
}

function placeOf(name: keyof Sample, slot: number): number {
  return measures.indexOf(name) * steps + slot;
}

/** The course of a virtual service, and of its servers one at a time: of thousands it is megabytes. */
export interface VirtualCourse extends HistoryAnswer {
  readonly states: Iterable<readonly [server: string, letters: string]>;
}

interface Kept {
  readonly course: Course;
  states: StateRows;
}

const newKept = (): Kept => ({ course: new Course(), states: new StateRows([], steps) });

/** Virtual services by protocol and name, and the servers of each. */
export type Cast = readonly (readonly [virtual: string, servers: readonly string[]])[];

/** What is kept of one step: of all, and of each virtual service of the cast with the letters of its servers. */
export interface Moment {
  readonly all: Sample;
  /** Null where nothing is known of it. */
  readonly virtuals: readonly (readonly [Sample, letters: string] | null)[];
}

interface Taking {
  readonly slot: number;
  readonly now: Map<string, Kept>;
  readonly sum: Record<keyof Sample, number>;
  servers: number;
}

export class History {
  readonly #all = new Course();
  #virtuals = new Map<string, Kept>();
  /** Number of the newest step, counted from 1970. */
  #newest: number | null = null;
  /** Counts the beginnings and ends of taking measures. */
  #turn = 0;
  /** Counts how often other virtual services or servers than before have been seen. */
  #castings = 0;

  /**
   * Takes the measures of a moment, of services that come one after another; of several within a step the last one stays.
   * Rejects as they do; then the moment is known in part alone.
   */
  async takeAsItComes(
    { head, virtuals }: { readonly head: Pick<Status, 'at'>; readonly virtuals: AsyncIterable<VirtualStatus> },
    run: (work: Work<unknown>) => Promise<unknown>,
  ): Promise<void> {
    const taking = (await run(this.#begin(head.at))) as Taking;
    let isWhole = false;
    try {
      for await (const virtual of virtuals) await run(this.#take(taking, virtual));
      isWhole = true;
    } finally {
      this.#end(taking, isWhole);
    }
  }

  *#begin(at: number): Work<Taking> {
    this.#turn += 1;
    const step = Math.floor(at / historyStep);
    yield* this.#skipTo(step);
    return { slot: step % steps, now: new Map(), sum: { up: 0, servers: 0, active: 0, rate: 0 }, servers: 0 };
  }

  *#take(taking: Taking, virtual: VirtualStatus): Work<void> {
    const { slot, now, sum } = taking;
    const sample = sampleOf(virtual);
    for (const name of measures) sum[name] += sample[name];
    const key = keyOf(protocolId(virtual), virtual.name);
    taking.servers += virtual.servers.length;
    if (now.size < most.virtuals && taking.servers <= most.servers) {
      const kept = this.#virtuals.get(key) ?? newKept();
      kept.course.set(slot, sample);
      if (yield* takeStates(kept, slot, virtual.servers)) this.#castings += 1;
      now.set(key, kept);
    }
    yield;
  }

  #end({ slot, now, sum }: Taking, isWhole: boolean): void {
    if (isWhole) {
      if (!hasSameKeys(this.#virtuals, now)) this.#castings += 1;
      this.#virtuals = now;
      this.#all.set(slot, sum);
    }
    this.#turn += 1;
  }

  /** The number of the newest step, counted from 1970; null before the first. */
  get newest(): number | null {
    return this.#newest;
  }

  get castings(): number {
    return this.#castings;
  }

  /** Odd while measures are taken; another one where they have been since. */
  get turn(): number {
    return this.#turn;
  }

  /** The virtual services and the servers in each, in the order in which a moment has them. */
  get cast(): Cast {
    return [...this.#virtuals].map(([key, { states }]) => [key, states.servers]);
  }

  /** What is kept of a step; null where nothing is known of it. */
  *moment(step: number): Work<Moment | null> {
    const slot = step % steps;
    const all = this.#all.at(slot);
    if (all === null || this.#newest === null || step > this.#newest || step <= this.#newest - steps) return null;
    const virtuals: (readonly [Sample, string] | null)[] = [];
    for (const { course, states } of this.#virtuals.values()) {
      const sample = course.at(slot);
      const letters = states.servers.map((_, row) => states.at(row, slot)).join('');
      virtuals.push(sample && [sample, letters]);
      yield;
    }
    return { all, virtuals };
  }

  /** Takes what another run has kept of a step, the oldest first, before a first moment is taken. */
  *recall(step: number, cast: Cast, { all, virtuals }: Moment): Work<void> {
    const slot = step % steps;
    this.#newest = step;
    this.#all.set(slot, all);
    let servers = 0;
    for (const [place, [key, names]] of cast.entries()) {
      const found = virtuals[place];
      servers += names.length;
      if (!found || place >= most.virtuals || servers > most.servers) continue;
      const [sample, letters] = found;
      const kept = this.#virtuals.get(key) ?? newKept();
      this.#virtuals.set(key, kept);
      kept.course.set(slot, sample);
      if (kept.states.servers !== names) kept.states = new StateRows(names, steps, kept.states);
      for (const row of names.keys()) kept.states.set(row, slot, letters.charAt(row));
      yield;
    }
  }

  /** Of everything; null before the first step. */
  whole(): HistoryAnswer | null {
    return this.#newest === null ? null : this.#all.answer(this.#newest % steps, this.#newest * historyStep);
  }

  /** Of one virtual service; null where nothing is known of it. */
  of(protocol: string, name: string): VirtualCourse | null {
    const kept = this.#virtuals.get(keyOf(protocol, name));
    if (kept === undefined || this.#newest === null) return null;
    const newest = this.#newest;
    const course = kept.course.answer(newest % steps, newest * historyStep);
    return { ...course, states: this.#statesOf(kept, newest) };
  }

  *#statesOf({ states }: Kept, newest: number): Generator<readonly [server: string, letters: string]> {
    const oldest = (newest + 1) % steps;
    for (const [row, server] of states.servers.entries()) {
      const text = states.course(row, oldest);
      // Steps that began while others were read stand where the oldest were.
      const gone = Math.min(Math.max((this.#newest ?? newest) - newest, 0), steps);
      yield [server, '-'.repeat(gone) + text.slice(gone)];
    }
  }

  /** Nothing is known of the steps since the newest one: the machine slept, or the table could not be read. */
  *#skipTo(step: number): Work<void> {
    const from = this.#newest === null || step < this.#newest ? step - steps : this.#newest;
    for (let skipped = Math.max(from + 1, step - steps + 1); skipped <= step; skipped += 1) {
      const slot = skipped % steps;
      this.#all.set(slot, null);
      for (const { course, states } of this.#virtuals.values()) {
        course.set(slot, null);
        states.forget(slot);
        yield;
      }
    }
    this.#newest = step;
  }
}

/** Whether others are in it than before. */
function* takeStates(kept: Kept, slot: number, servers: readonly ServerStatus[]): Work<boolean> {
  const { servers: before } = kept.states;
  let isOther = servers.length !== before.length;
  for (const [row, { name }] of servers.entries()) {
    isOther ||= name !== before[row];
    yield;
  }
  if (isOther) {
    const names = servers.map(({ name }) => name);
    kept.states = new StateRows(names, steps, kept.states);
  }
  for (const [row, server] of servers.entries()) {
    kept.states.set(row, slot, stateOf(server));
    yield;
  }
  return isOther;
}

/** In the same order. */
function hasSameKeys(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  const keys = other.keys();
  return one.size === other.size && [...one.keys()].every((key) => key === keys.next().value);
}

function stateOf({ up, held, decided }: ServerStatus): StateLetter {
  if (held !== null) return 'h';
  if (up) return 'u';
  return decided ? 'd' : '-';
}

function sampleOf({ servers, traffic }: VirtualStatus): Sample {
  let up = 0;
  let active = 0;
  for (const server of servers) {
    if (server.inUse) up += 1;
    active += server.connections?.active ?? 0;
  }
  return { up, servers: servers.length, active, rate: traffic?.rate.connections ?? 0 };
}

/** Slots from the oldest to the newest. */
function inOrder(newest: number): number[] {
  return Array.from({ length: steps }, (_, at) => (newest + 1 + at) % steps);
}

function keyOf(protocol: string, name: string): string {
  return `${protocol} ${name}`;
}
