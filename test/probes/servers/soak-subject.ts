/** One server of the soak: it is ended and started again, and what is so and what is said of it are noted. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../../src/events.js';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { until } from '../../helpers/deadline.js';
import { type Case, checkOf, type Served, type Started, sectionOf } from './case.js';
import { Timeline } from './timeline.js';

/** Intervals between two ends of a server, and for which it stays away. */
const quiet = [3, 10] as const;
const away = [0, 3] as const;

/** Milliseconds for a server to come or to go, on a busy machine. */
const patience = 120_000;

/** Each server with each service once, and what finds it up. */
export function withAnUpCase(all: readonly Served[], words: readonly string[]): (readonly [Served, Case])[] {
  const seen = new Set<string>();
  return all.flatMap((served) => {
    const name = `${served.service} ${served.server}`.toLowerCase();
    // A kept connection is a way of its own.
    const way = served.settings.startsWith('kept') ? `${name} ${served.settings}` : name;
    const one = served.cases.find(({ up }) => up);
    if (one === undefined || served.missing !== false || seen.has(way)) return [];
    if (words.length > 0 && !words.some((word) => name.includes(word))) return [];
    seen.add(way);
    return [[served, one] as const];
  });
}

export class Subject {
  readonly name: string;
  /** As events name it. */
  readonly server: string;
  readonly section: string;
  readonly truth = new Timeline();
  readonly verdict = new Timeline();
  restarts = 0;
  /** Milliseconds of the checks that changed the verdict, by when they ended. */
  readonly durations: (readonly [at: number, duration: number])[] = [];
  /** Reasons of verdicts, by when they came. */
  readonly reasons: (readonly [at: number, reason: string])[] = [];
  readonly #started: Started;
  readonly #check: Check;
  /** Milliseconds. */
  readonly #interval: number;

  private constructor(served: Served, started: Started, section: string, check: Check, interval: number) {
    this.name = `${served.service}  ${served.server}  ${served.settings}`;
    this.server = `${started.address}:${started.port}`;
    this.section = section;
    this.#started = started;
    this.#check = check;
    this.#interval = interval * 1000;
  }

  static async open(served: Served, one: Case, interval: number): Promise<Subject> {
    const started = await served.start();
    const section = sectionOf(served, one, started);
    const subject = new Subject(served, started, section, await checkOf(section), interval);
    subject.truth.set(performance.now(), true);
    return subject;
  }

  get isUp(): boolean {
    return this.verdict.at(performance.now()) === true;
  }

  hears(event: Event): void {
    const now = performance.now();
    if (event.type === 'checked') {
      this.durations.push([now, event.duration]);
      this.reasons.push([now, event.reason]);
    } else if (event.type === 'server-up' || event.type === 'server-down') {
      this.verdict.set(now, event.type === 'server-up');
    }
  }

  /** Ends the server and starts it again until that time. */
  async suffer(end: number): Promise<void> {
    for (;;) {
      await sleep(this.#random(quiet));
      if (performance.now() > end) return;
      this.truth.set(performance.now(), null);
      await this.#started.end();
      await this.#becomes(false);
      await sleep(this.#random(away));
      this.truth.set(performance.now(), null);
      await this.#started.again();
      await this.#becomes(true);
      this.restarts += 1;
    }
  }

  async close(): Promise<void> {
    await this.#started.close();
  }

  /** A server takes a while to begin and to end: it is asked until its answer is that. */
  async #becomes(up: boolean): Promise<void> {
    // A fresh check: nothing is kept for it.
    const fresh = (): Check => ({ ...this.#check, http: { ...this.#check.http, keepAlive: false } });
    let asked = 0;
    let said = '';
    await until(
      () => `${this.name} is ${up ? 'up' : 'down'}: ${said}`,
      async () => {
        asked = performance.now();
        const { ok, reason } = await runProbe(fresh(), 'negotiate');
        said = reason;
        return ok === up;
      },
      patience,
    );
    this.truth.set(up ? performance.now() : asked, up);
  }

  #random([least, most]: readonly [number, number]): number {
    return (least + Math.random() * (most - least)) * this.#interval;
  }
}
