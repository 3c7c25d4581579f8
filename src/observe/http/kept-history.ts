/** The last hour, from one run to the next: a line a step, and one that says which servers the lines after it are about. */

import type { Keepsake } from '../../kept/keepsake.js';
import type { Work } from '../../slices.js';
import { type Cast, type History, historyStep, type Moment, measures, type Sample, steps } from './history.js';

/** As a line has it: in the order of `measures`. */
type Figures = readonly number[];

export class KeptHistory implements Keepsake {
  readonly name = 'history';
  readonly format = 1;
  readonly end = null;
  readonly #history: History;
  /** The newest step that was written. */
  #told = 0;
  /** Of the last line that says which servers there are. */
  #castings = -1;

  constructor(history: History) {
    this.#history = history;
  }

  /** What is older than an hour, or to come where the clock was set back, is passed over. */
  *recall(lines: readonly string[], now: number): Work<number> {
    const newest = Math.floor(now / historyStep);
    let cast: Cast = [];
    let before = newest - steps;
    let lost = 0;
    for (const line of lines) {
      yield;
      const found = readLine(line);
      if (found === null) lost += 1;
      else if ('cast' in found) cast = found.cast;
      else if (found.step > before && found.step <= newest) {
        yield* this.#history.recall(found.step, cast, found.moment);
        before = found.step;
      }
    }
    return lost;
  }

  *all(): Work<readonly string[]> {
    const { newest } = this.#history;
    this.#castings = -1;
    this.#told = newest === null ? 0 : newest - steps;
    return yield* this.news();
  }

  /** Of several looks within a step the first is kept. */
  *news(): Work<readonly string[]> {
    const { newest, castings, turn } = this.#history;
    const lines: string[] = [];
    if (newest === null || turn % 2 === 1) return lines;
    for (let step = Math.max(this.#told, newest - steps) + 1; step <= newest; step += 1) {
      const moment = yield* this.#history.moment(step);
      if (moment !== null) lines.push(lineOf(step, moment));
    }
    // The lines would be about other servers than they say; they come with the next ones.
    if (this.#history.turn !== turn) return [];
    this.#told = newest;
    if (lines.length === 0 || castings === this.#castings) return lines;
    this.#castings = castings;
    return [JSON.stringify({ cast: this.#history.cast }), ...lines];
  }
}

function lineOf(step: number, { all, virtuals }: Moment): string {
  const found = virtuals.map((each) => each && [figuresOf(each[0]), each[1]]);
  return JSON.stringify([step, figuresOf(all), found]);
}

function figuresOf(sample: Sample): Figures {
  return measures.map((name) => Math.round(sample[name] * 10) / 10);
}

function readLine(line: string): { readonly cast: Cast } | { readonly step: number; readonly moment: Moment } | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) {
    const cast = (value as { readonly cast?: unknown } | null)?.cast;
    return isCast(cast) ? { cast } : null;
  }
  const [step, figures, virtuals] = value as unknown[];
  const all = sampleIn(figures);
  if (!Number.isSafeInteger(step) || all === null || !Array.isArray(virtuals)) return null;
  return { step: step as number, moment: { all, virtuals: virtuals.map(virtualIn) } };
}

function isCast(value: unknown): value is Cast {
  return (
    Array.isArray(value) &&
    value.every((entry) => {
      const [key, servers] = Array.isArray(entry) ? (entry as unknown[]) : [];
      return typeof key === 'string' && Array.isArray(servers) && servers.every((name) => typeof name === 'string');
    })
  );
}

function virtualIn(value: unknown): readonly [Sample, string] | null {
  if (!Array.isArray(value)) return null;
  const [figures, letters] = value as unknown[];
  const sample = sampleIn(figures);
  return sample === null || typeof letters !== 'string' ? null : [sample, letters];
}

function sampleIn(value: unknown): Sample | null {
  if (!Array.isArray(value) || !value.every((figure) => Number.isFinite(figure))) return null;
  const [up, servers, active, rate] = value as number[];
  if (up === undefined || servers === undefined || active === undefined || rate === undefined) return null;
  return { up, servers, active, rate };
}
