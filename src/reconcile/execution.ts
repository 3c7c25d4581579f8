/** Carries a plan out, a portion at a time, and says what became of each operation. */

import { setImmediate } from 'node:timers/promises';
import type { Failure, Operation } from '../ipvs/backend.js';
import type { Pace } from '../ipvs/pace.js';
import { type Place, placer } from '../ipvs/place.js';
import type { Replica } from '../ipvs/replica.js';
import { inSlices, type Work } from '../slices.js';
import { type Change, describeChange, isOfPath, objectOf, type Phase } from './changes.js';
import type { Desired } from './desired.js';
import type { Ledger } from './ledger.js';
import type { Patient } from './patient.js';
import type { ServicePlan } from './plan.js';
import { Portions } from './portions.js';
import { type Verdict, verdictOf } from './verdict.js';

export interface ExecutionOptions {
  readonly backend: Patient;
  readonly ledger: Ledger;
  /** The table before, which is changed along. */
  readonly known: Replica;
  readonly wanted: Desired;
  readonly phase: Phase;
  readonly pace: Pace;
  /** Whether a table that is not as it was known is to be taken for a refusal: it has just been read for that. */
  readonly insist: boolean;
  readonly onChange: (change: Change) => void;
  readonly onRefusal: (object: string, failure: Failure) => void;
}

/** Services that came into the table, and went from it, since this director has become active or passive. */
export interface Followed {
  entered: number;
  left: number;
}

/** `trouble` is why nobody knows how the table stands now; null where it is known. */
export interface Answered {
  readonly surprised: boolean;
  readonly trouble: Failure | null;
}

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #portions: Portions;
  /** How many operations of each service have not been answered yet. */
  readonly #open: Map<string, number>;
  /** Of what has been answered. */
  #operations = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  readonly #followed: Followed = { entered: 0, left: 0 };

  constructor(plans: readonly ServicePlan[], options: ExecutionOptions) {
    this.#options = options;
    this.#portions = new Portions(plans);
    this.#open = new Map(plans.map(({ key, first, last }) => [key, first.length + last.length]));
  }

  get isDone(): boolean {
    return this.#portions.isEmpty;
  }

  /** How many operations were given to the backend. */
  get operations(): number {
    return this.#operations;
  }

  get followed(): Readonly<Followed> {
    return this.#followed;
  }

  /** When the first of what was refused is to be tried again, in milliseconds of performance.now(). */
  get wakeAt(): number {
    return this.#wakeAt;
  }

  /** Rejects where the backend does not answer. */
  async portion(): Promise<Answered> {
    const { backend, pace } = this.#options;
    const operations = this.#portions.next(pace.size);
    this.#operations += operations.length;
    const began = performance.now();
    const failures = await backend.apply(operations);
    pace.took(operations.length, performance.now() - began);
    const answered = await inSlices(this.#account(operations, failures));
    // A table in memory answers at once, each time.
    if (!this.isDone) await setImmediate();
    return answered;
  }

  /** To tell of ten thousand changes takes a while. */
  *#account(operations: readonly Operation[], failures: readonly (Failure | null)[]): Work<Answered> {
    const { ledger, known, wanted } = this.#options;
    const absent = new Set<string>();
    const withheld = new Set<string>();
    const answered = new Set<string>();
    const unanswered: Failure[] = [];
    let surprised = false;
    const placeAt = placer();
    for (const [index, operation] of operations.entries()) {
      yield;
      const place = placeAt(operation);
      const key = place.service;
      const failure = failures[index] ?? null;
      // Without a service nothing is put into it, and each says so.
      if (failure !== null && absent.has(key)) continue;
      const verdict = this.#verdict(operation, failure);
      if (failure === null || verdict === 'done') this.#noteDone(operation, place);
      else if (verdict === 'refused') {
        if (this.#noteRefusal(operation, place, failure)) withheld.add(key);
        if (operation.type === 'add-service') absent.add(key);
      } else if (verdict === 'unanswered') unanswered.push(failure);
      else surprised = true;
      if (verdict === 'done' || (verdict === 'refused' && !operation.type.startsWith('delete-'))) {
        this.#open.set(key, (this.#open.get(key) ?? 0) - 1);
        answered.add(key);
      } else ledger.unsettle(key);
    }
    if (withheld.size > 0) this.#portions.withhold(withheld);
    if (absent.size > 0) this.#portions.skip(absent);
    for (const key of answered) {
      if (this.#open.get(key) === 0) ledger.settle(key, wanted, known.table);
      else ledger.noteHalfway(key);
    }
    return { surprised, trouble: sum(unanswered) };
  }

  #verdict(operation: Operation, failure: Failure | null): Verdict {
    const verdict = verdictOf(operation, failure);
    return verdict === 'surprised' && this.#options.insist ? 'refused' : verdict;
  }

  #noteDone(operation: Operation, place: Place): void {
    const { ledger, known, wanted, phase, onChange } = this.#options;
    ledger.refusals.clear(operation);
    if (ledger.isByRole(place.service)) {
      // Nothing is otherwise with any server, and there may be ten thousand of them: it is told in one.
      if (operation.type === 'add-service') this.#followed.entered += 1;
      if (operation.type === 'delete-service') this.#followed.left += 1;
      known.take(operation, place);
      return;
    }
    const change = describeChange(operation, place, { before: known.table, wanted, left: ledger.left, phase });
    known.take(operation, place);
    if (!isOfPath(operation, place, wanted)) onChange(change);
  }

  /** Returns whether it is new. */
  #noteRefusal(operation: Operation, { service, destination }: Place, failure: Failure): boolean {
    const { ledger, known, onRefusal } = this.#options;
    const standing = known.table.get(service)?.destinations.get(destination ?? '');
    const isNew = ledger.refusals.add(operation, failure, standing?.weight);
    this.#wakeAt = Math.min(this.#wakeAt, ledger.refusals.dueOf(operation) ?? this.#wakeAt);
    if (isNew) onRefusal(objectOf(operation), failure);
    return isNew;
  }
}

function sum([first, ...others]: readonly Failure[]): Failure | null {
  if (first === undefined) return null;
  if (others.length === 0) return first;
  return { ...first, message: `${first.message}; and so for ${others.length} more changes` };
}
