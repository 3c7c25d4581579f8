/**
 * A copy of what directors share, kept by reading it once and watching it. Whoever reads the copy waits for nothing:
 * where the store is away, what was last heard stays.
 */

import { setMaxListeners } from 'node:events';
import { Answers } from './answers.js';
import { Copy } from './copy.js';
import { Following } from './following.js';
import { LeaseHolder } from './lease-holder.js';
import { type Pauses, pauseBefore, pauses } from './pause.js';
import { Rest } from './rest.js';
import type { Change, Entry, Fault, Lease, Open, Outcome, Store, Transaction } from './store.js';

export type MirrorNews =
  /** What is new in the copy, which has it already; some hundreds at most. */
  | { readonly type: 'changes'; readonly changes: readonly Change[] }
  /**
   * The store answers, and the copy is as it is there; writes are taken again, and those of which no answer came are
   * known. Told of each connection. Where the store is of another past, what has gone with that was deleted by nobody.
   */
  | {
      readonly type: 'back';
      readonly isOfAnotherPast: boolean;
      /** Up to which the copy has everything. */
      readonly revision: number;
      readonly endpoint: string;
    }
  /**
   * It does not, and no other endpoint does. Told anew where the cause is another one. Also where it has other data than
   * before: the changes that lead there come until it is back.
   */
  | { readonly type: 'away'; readonly fault: Fault }
  /** What is to go with this director has to be written with this lease. */
  | { readonly type: 'leased'; readonly lease: Lease }
  /** It answers, and takes no write: it is full, or the user may not; and that it does again. */
  | { readonly type: 'unwritable'; readonly fault: Fault }
  | { readonly type: 'writable'; readonly endpoint: string };

export interface MirrorOptions {
  /** At least one. */
  readonly endpoints: readonly string[];
  readonly open: Open;
  readonly onNews: (news: MirrorNews) => void;
  /** What this director is called. */
  readonly name: string;
  /** Of this store, or of another one before it. */
  readonly copy?: Copy;
  readonly pace?: Pace;
  readonly chance?: () => number;
}

export interface Pace extends Pauses {
  /** Milliseconds between two looks whether the store still answers. */
  readonly look: number;
  /** Milliseconds after which a connection counts as one that has held. */
  readonly settled: number;
  /** Seconds of a lease. */
  readonly lease: number;
}

export const usualPace: Pace = { ...pauses, look: 5_000, settled: 10_000, lease: 20 };

export interface MirrorState {
  readonly isUp: boolean;
  /** Where it was last, or was tried last. */
  readonly endpoint: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** When the store last answered anything; null before the first time. */
  readonly lastAnswer: number | null;
  /** Milliseconds that the last answer took; null before the first. */
  readonly latency: number | null;
  /** Up to which the copy has everything; 0 before the first reading. */
  readonly revision: number;
  readonly entries: number;
  /** How often a connection was made, but for the first. */
  readonly reconnects: number;
  /** Why it is away; null while it is not, or before the first attempt has ended. */
  readonly fault: Fault | null;
  /** Why it takes no writes. */
  readonly writeFault: Fault | null;
}

export class Mirror {
  readonly #options: MirrorOptions;
  readonly #pace: Pace;
  readonly #copy: Copy;
  readonly #answers = new Answers();
  readonly #leases: LeaseHolder;
  readonly #stop = new AbortController();
  /** Stands while the copy is kept by it. */
  #store: Store | null = null;
  /** Milliseconds of performance.now(); null before it was. */
  #upSince: number | null = null;
  #endpoint: string;
  #since = Date.now();
  #connections = 0;
  /** Whether it was so since it was last told that the store is back. */
  #isOfAnotherPast = false;
  #fault: Fault | null = null;
  #writeFault: Fault | null = null;
  readonly #waiting = new Set<() => void>();
  #running: Promise<void> | null = null;
  /** Before the next attempt. */
  readonly #pause = new Rest();
  #following: Following | null = null;

  constructor(options: MirrorOptions) {
    this.#options = options;
    // Each write under way listens.
    setMaxListeners(0, this.#stop.signal);
    this.#copy = options.copy ?? new Copy();
    this.#pace = options.pace ?? usualPace;
    this.#endpoint = options.endpoints[0] ?? '';
    this.#leases = new LeaseHolder({
      seconds: this.#pace.lease,
      onGranted: (lease) => this.#tell({ type: 'leased', lease }),
      onAsked: (outcome) => this.#noteWrite(outcome),
    });
  }

  get entries(): ReadonlyMap<string, Entry> {
    return this.#copy.entries;
  }

  /** What is to go with this director is written with it; null before the first one. */
  get lease(): Lease | null {
    return this.#leases.lease;
  }

  get state(): MirrorState {
    return {
      isUp: this.#store !== null,
      endpoint: this.#endpoint,
      since: this.#since,
      lastAnswer: this.#answers.last,
      latency: this.#answers.latency,
      revision: this.#copy.revision,
      entries: this.#copy.entries.size,
      reconnects: Math.max(0, this.#connections - 1),
      fault: this.#fault,
      writeFault: this.#writeFault,
    };
  }

  begin(): void {
    this.#running ??= this.#run();
  }

  /** Settles when the store has been read, when every endpoint has been tried, or after so many milliseconds. */
  async whenTried(milliseconds: number): Promise<void> {
    if (this.#store !== null || this.#fault !== null || this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#waiting.add(end);
    });
  }

  /** Says at once that it is away where it is. A write of which no answer came may have been done. */
  async write(transaction: Transaction): Promise<Outcome<number>> {
    const store = this.#store;
    if (store === null) return { ok: false, fault: this.#fault ?? notYet(this.#endpoint) };
    const outcome = await this.#answers.timed(store.write(transaction, this.#stop.signal));
    this.#noteWrite(outcome);
    if (!outcome.ok && outcome.fault.kind === 'away') this.#following?.doubt();
    if (!outcome.ok && outcome.fault.kind === 'lease-lost') this.#leases.doubt();
    return outcome;
  }

  /** Tries again now, where it waits before the next attempt: somebody may have mended something. */
  hurry(): void {
    this.#pause.wake();
  }

  /** Settles when nothing is under way any more, after about a second at most. */
  async close(): Promise<void> {
    const store = this.#store;
    if (store !== null) await this.#leases.release(store);
    this.#stop.abort();
    for (const end of this.#waiting) end();
    await this.#running;
  }

  /** One endpoint after the other. When all have failed, a pause, each time a longer one. */
  async #run(): Promise<void> {
    const { endpoints, chance = Math.random } = this.#options;
    const faults = new Map<string, Fault>();
    let failures = 0;
    for (let turn = 0; !this.#stop.signal.aborted; ) {
      const endpoint = endpoints[turn % endpoints.length] ?? '';
      this.#upSince = null;
      const fault = await this.#serve(endpoint);
      this.#store = null;
      if (this.#stop.signal.aborted) return;
      // What has held for long is made again at once.
      failures = this.#hasHeld ? 0 : failures + 1;
      // What was compacted the same one can say whole.
      if (fault.kind === 'compacted') this.#copy.miss();
      else turn += 1;
      faults.set(endpoint, fault);
      if (failures < endpoints.length) continue;
      if (fault.kind !== 'compacted') this.#noteAway(fault, [...faults.values()]);
      const attempt = Math.ceil(failures / endpoints.length);
      await this.#pause.wait(pauseBefore(attempt, chance(), this.#pace), this.#stop.signal);
    }
  }

  get #hasHeld(): boolean {
    return this.#upSince !== null && performance.now() - this.#upSince >= this.#pace.settled;
  }

  async #serve(endpoint: string): Promise<Fault> {
    const opened = await this.#answers.timed(this.#options.open(endpoint, this.#stop.signal));
    if (!opened.ok) return opened.fault;
    const store = opened.value;
    try {
      const following = new Following({
        store,
        copy: this.#copy,
        answers: this.#answers,
        name: this.#options.name,
        pace: this.#pace.look,
        onChanges: (changes) => this.#tell({ type: 'changes', changes }),
        onReplaced: (fault) => {
          this.#isOfAnotherPast = true;
          this.#noteAway(fault, [fault]);
        },
        onOpened: (signal) => {
          this.#noteBack(store);
          return this.#leases.hold(store, signal);
        },
      });
      this.#following = following;
      return await following.follow(this.#stop.signal);
    } finally {
      this.#following = null;
      this.#store = null;
      await store.close();
    }
  }

  #noteBack(store: Store): void {
    if (this.#connections === 0 || this.#fault !== null) this.#since = Date.now();
    this.#store = store;
    this.#endpoint = store.endpoint;
    this.#upSince = performance.now();
    this.#connections += 1;
    this.#fault = null;
    for (const end of this.#waiting) end();
    const isOfAnotherPast = this.#isOfAnotherPast;
    this.#isOfAnotherPast = false;
    this.#tell({ type: 'back', isOfAnotherPast, revision: this.#copy.revision, endpoint: store.endpoint });
  }

  /** The last fault, and in its words those of all endpoints. */
  #noteAway(last: Fault, all: readonly Fault[]): void {
    const before = this.#fault;
    const message = all.map((fault) => fault.message).join('; ');
    if (before === null) this.#since = Date.now();
    this.#fault = { ...last, message };
    this.#endpoint = last.endpoint;
    for (const end of this.#waiting) end();
    if (before?.code !== last.code) this.#tell({ type: 'away', fault: this.#fault });
  }

  #noteWrite(outcome: Outcome<unknown>): void {
    const before = this.#writeFault;
    if (outcome.ok) {
      this.#writeFault = null;
      if (before !== null) this.#tell({ type: 'writable', endpoint: this.#endpoint });
    } else if (outcome.fault.kind === 'refused' && !ownFaults.has(outcome.fault.code)) {
      this.#writeFault = outcome.fault;
      if (before?.code !== outcome.fault.code) this.#tell({ type: 'unwritable', fault: outcome.fault });
    }
  }

  #tell(news: MirrorNews): void {
    if (!this.#stop.signal.aborted) this.#options.onNews(news);
  }
}

/** Of what was to be written, not of the store. */
const ownFaults: ReadonlySet<string> = new Set(['too-large', 'busy', 'invalid-argument']);

function notYet(endpoint: string): Fault {
  return { kind: 'away', code: 'not-yet', message: `${endpoint}: it has not been read yet`, endpoint };
}
