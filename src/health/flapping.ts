/** Servers that go up and down again and again: found by their changes, so that it can be told once instead of each time. */

import { type Subject, subjectKey } from '../model/subject.js';

/** Milliseconds for which a change counts. */
export const flappingSpan = 60_000;
/** So many changes within that time, and the server flaps. */
export const flappingFrom = 10;
/** Fewer than so many, and it has settled. */
const settledBelow = 3;
/** Changes of one server that are remembered: one that changes more often than twice a second flaps all the same. */
const remembered = 120;

/** A server that flaps. */
export interface Flapping {
  readonly who: Subject;
  /** Changes within the last minute. */
  readonly changes: number;
  /** When it began, by the clock of those who say what happens. */
  readonly began: number;
}

/** One that flaps no more. */
export interface Settled extends Pick<Flapping, 'who' | 'began'> {
  /** As its last change left it. */
  readonly up: boolean;
  /** From the first one on that counted. */
  readonly changes: number;
}

interface Course {
  readonly who: Subject;
  up: boolean;
  /** Of its changes that count still, the oldest first. */
  times: readonly number[];
  readonly began: number;
  /** Since it began. */
  changes: number;
}

/** All times are in milliseconds of any clock that does not jump. */
export class FlappingServers {
  /**
   * When those have changed whose last change counts still and who do not flap; who changed longest ago comes first. No
   * more of them than that, and no list where it was once: where all go down it is all servers.
   */
  readonly #restless = new Map<string, number | readonly number[]>();
  readonly #flapping = new Map<string, Course>();

  /** A server has gone down or come up. Returns how it flaps, where that begins with it. */
  note(who: Subject, up: boolean, now: number): Flapping | null {
    const key = subjectKey(who);
    const course = this.#flapping.get(key);
    if (course !== undefined) {
      course.up = up;
      course.times = withChange(course.times, now);
      course.changes += 1;
      return null;
    }
    const times = withChange(listed(this.#restless.get(key)), now);
    this.#restless.delete(key);
    if (times.length < flappingFrom) {
      this.#restless.set(key, times.length === 1 ? now : times);
      return null;
    }
    const [began = now] = times;
    const changes = times.length;
    this.#flapping.set(key, { who, up, times, began, changes });
    return { who, changes, began };
  }

  /** Each of those that flap in its turn, as there may be thousands: null, or that it has settled by now, once. */
  *settle(now: number): Generator<Settled | null> {
    for (const [key, times] of this.#restless) {
      if (still(listed(times), now).length > 0) break;
      this.#restless.delete(key);
    }
    for (const [key, course] of this.#flapping) {
      course.times = still(course.times, now);
      const { who, up, times, began, changes } = course;
      if (times.length >= settledBelow) {
        yield null;
        continue;
      }
      this.#flapping.delete(key);
      if (times.length > 0) this.#restless.set(key, times);
      yield { who, up, began, changes };
    }
  }

  /** Null where it does not flap. */
  of(who: () => Subject, now: number): Flapping | null {
    // Asked for each of a hundred thousand, of which most often none flaps.
    if (this.#flapping.size === 0) return null;
    const course = this.#flapping.get(subjectKey(who()));
    return course === undefined ? null : flappingOf(course, now);
  }

  *all(now: number): Generator<Flapping> {
    for (const course of this.#flapping.values()) yield flappingOf(course, now);
  }

  get size(): number {
    return this.#flapping.size;
  }
}

function flappingOf({ who, times, began }: Course, now: number): Flapping {
  return { who, changes: still(times, now).length, began };
}

const noTimes: readonly number[] = [];

function listed(times: number | readonly number[] = noTimes): readonly number[] {
  return typeof times === 'number' ? [times] : times;
}

function withChange(times: readonly number[], now: number): readonly number[] {
  return [...still(times, now), now].slice(-remembered);
}

function still(times: readonly number[], now: number): readonly number[] {
  const first = times.findIndex((at) => at > now - flappingSpan);
  return first === 0 ? times : first < 0 ? noTimes : times.slice(first);
}
