/** Drains and weights by hand, as all directors have asked for them: taken in from the store, brought out to it, and kept. */

import type { Publish } from '../../events.js';
import type { Override } from '../../model/override.js';
import type { Ended } from '../../overrides/by-hand-file.js';
import type { Change, Entry } from '../store/store.js';
import { isOverrideKey } from './keys.js';
import type { Link } from './link.js';
import { Replica, type TakenBack, type Write } from './replica.js';
import type { ReplicaFile } from './replica-file.js';

export interface SharedOverridesOptions {
  readonly name: string;
  readonly link: Link;
  readonly file: ReplicaFile;
  readonly publish: Publish;
  /** These count from now on; `ended` are those that others have taken back, and who did. */
  readonly onChange: (byHand: readonly Override[], ended: readonly TakenBack[]) => void;
}

/** Which store it is that was read. */
export interface Seen {
  readonly identity: string;
  readonly isOfAnotherPast: boolean;
  /** Up to which it was read. */
  readonly revision: number;
}

/** Milliseconds from one writing of the file to the next, of what others have asked. */
const filePace = 1_000;
/** Milliseconds until it is tried again what the store did not take: since it holds something else, or for another cause. */
const conflictPause = 200;
const refusedPause = 5_000;
/** Writes under way at once. */
const writesAtOnce = 8;
/** Milliseconds between two looks for tombstones that are old enough to go. */
const pruneEvery = 3_600_000;

export class SharedOverrides {
  readonly #options: SharedOverridesOptions;
  readonly #replica: Replica;
  readonly #toldFaults = new Map<string, string>();
  /** Of the store that was seen last; null where none was. */
  #identity: string | null = null;
  #isThere = false;
  #isClosed = false;
  #pushing: Promise<void> | null = null;
  #saving: Promise<void> = Promise.resolve();
  #saveTimer: NodeJS.Timeout | null = null;
  #pushTimer: NodeJS.Timeout | null = null;
  #isFileFailing = false;

  constructor(options: SharedOverridesOptions) {
    this.#options = options;
    this.#replica = new Replica(options.name);
  }

  get byHand(): readonly Override[] {
    return this.#replica.byHand;
  }

  /** How many decisions the store does not have yet. */
  get pending(): number {
    return this.#replica.pending;
  }

  /** Of keys that mean nothing, why. */
  get faults(): ReadonlyMap<string, string> {
    return this.#replica.faults;
  }

  /** What the run before has kept counts; and what was asked by hand before there was a store, until it says otherwise. */
  async recall(byHand: readonly Override[]): Promise<string | null> {
    const { identity, entries, fault } = await this.#options.file.read();
    this.#identity = identity;
    this.#replica.restore(entries);
    this.#replica.adopt(byHand);
    return fault;
  }

  /** Somebody here has asked for it. Settles when it is on disk; brings it to the store, which nobody waits for. */
  async decide(after: readonly Override[], ended: Ended | null): Promise<void> {
    this.#replica.decide(after, ended, Date.now());
    this.#push();
    await this.#save();
  }

  /**
   * It is known what the store has. One of another past, that was set up anew or brought back from a copy, has not taken
   * anything back by what it lacks; nor has one that this director has not known before it started, or whose revisions have
   * not come as far as what it knew then.
   */
  back(entries: ReadonlyMap<string, Entry>, { identity, isOfAnotherPast, revision }: Seen): void {
    const isKnown = this.#identity === null || this.#identity === identity;
    const isSame = !isOfAnotherPast && isKnown && this.#replica.revision <= revision;
    this.#replica.seeAll(new Map([...entries].filter(([key]) => isOverrideKey(key))), isSame);
    this.#identity = identity;
    this.#isThere = true;
    this.#tell();
  }

  changes(changes: readonly Change[]): void {
    for (const change of changes) {
      if (isOverrideKey(change.key)) this.#replica.see(change.key, change.type === 'put' ? change : null);
    }
    this.#isThere = true;
    this.#tell();
  }

  away(): void {
    this.#isThere = false;
  }

  /** What is on disk is all that is known. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of [this.#saveTimer, this.#pushTimer]) if (timer !== null) clearTimeout(timer);
    await this.#save().catch(() => {});
  }

  /** Lets it count, keeps it, and says what is not understood, once. */
  #tell(): void {
    const { onChange, publish } = this.#options;
    onChange(this.#replica.byHand, this.#replica.takeEnded());
    const { faults } = this.#replica;
    for (const key of [...this.#toldFaults.keys()]) if (!faults.has(key)) this.#toldFaults.delete(key);
    for (const [key, reason] of faults) {
      if (this.#toldFaults.get(key) === reason) continue;
      this.#toldFaults.set(key, reason);
      publish({ type: 'shared-misread', key, reason });
    }
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = null;
      void this.#save().catch((error: Error) => this.#tellFile(error));
    }, filePace).unref();
    this.#push();
  }

  #tellFile({ message }: Error): void {
    if (this.#isFileFailing) return;
    this.#isFileFailing = true;
    const reason = `a restart without the store will not know what others have asked for: ${message}`;
    this.#options.publish({ type: 'orders-lost', reason });
  }

  #save(): Promise<void> {
    const saving = this.#saving.then(async () => {
      await this.#options.file.write({ identity: this.#identity, entries: this.#replica.all() });
      this.#isFileFailing = false;
    });
    this.#saving = saving.catch(() => {});
    return saving;
  }

  #push(): void {
    if (!this.#isThere || this.#isClosed || this.#pushing !== null) return;
    const writes = this.#replica.writes(Date.now());
    if (writes.length === 0) {
      this.#pushLater(pruneEvery);
      return;
    }
    this.#pushing = this.#writeAll(writes).then((pause) => {
      this.#pushing = null;
      // What was decided meanwhile; what was not taken waits for what the store has in its place.
      if (pause === 0) this.#push();
      else this.#pushLater(pause);
    });
  }

  #pushLater(wait: number): void {
    if (this.#pushTimer !== null) clearTimeout(this.#pushTimer);
    if (this.#isClosed) return;
    this.#pushTimer = setTimeout(() => this.#push(), wait).unref();
  }

  /** Gives the milliseconds until what was not taken is tried again; 0 where all was. */
  async #writeAll(writes: readonly Write[]): Promise<number> {
    const waiting = [...writes];
    let pause = 0;
    const work = async (): Promise<void> => {
      for (let write = waiting.shift(); write !== undefined; write = waiting.shift()) {
        // One that does not take one of them takes none.
        if (this.#isClosed || pause === refusedPause) return;
        pause = Math.max(pause, await this.#writeOne(write));
      }
    };
    await Promise.all(Array.from({ length: Math.min(writesAtOnce, writes.length) }, work));
    return pause;
  }

  async #writeOne(write: Write): Promise<number> {
    const { key, expected, value } = write;
    const outcome = await this.#options.link.write({
      when: [{ key, revision: expected }],
      operations: [value === null ? { type: 'delete', key } : { type: 'put', key, value }],
    });
    if (!outcome.ok) return outcome.fault.kind === 'conflict' ? conflictPause : refusedPause;
    this.#replica.written(write, outcome.value);
    return 0;
  }
}
