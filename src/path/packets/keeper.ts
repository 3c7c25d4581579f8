/** Keeps our table of nftables equal to what the configuration asks for: reads, writes, tells, tries again, looks after it. */

import { performance } from 'node:perf_hooks';
import type { Publish } from '../../events.js';
import type { Config, Family } from '../../model/config.js';
import { pauseAfter } from '../../reconcile/held-back.js';
import type { Journal } from './journal.js';
import type { Nft, NftFault } from './nft.js';
import { rulesNow } from './now.js';
import type { StandingTable } from './reading.js';
import { isNone, isSame, noRules, type PacketRules, packetRules, type WantedRules } from './rules.js';
import type { Counts } from './script.js';

export interface PacketKeeperOptions {
  /** What the table is called. */
  readonly table: string;
  readonly nft: Nft;
  readonly journal: Journal;
  /** Whether the service of a mark stands in the table of IPVS. */
  readonly stands: (family: Family, mark: number) => boolean;
  readonly publish: Publish;
  /** Milliseconds before the first further try after a failure; doubled each time, up to a minute. */
  readonly retryDelay?: number;
  /** Milliseconds for which connections are translated that have begun before the last rule for that went. */
  readonly lingering?: number;
}

/** What can be seen of it. */
export interface PacketState {
  readonly table: string;
  /** As they were read or written last. */
  readonly rules: PacketRules;
  readonly counts: Counts;
  /** Why they are not what they should be; null where they are. */
  readonly fault: NftFault | null;
}

type Wanted = Pick<Config, 'virtuals'>;

const defaultLookDelay = 2_000;
/** Most requests are over by then; who stays connected for longer would need it for ever. */
const usualLingering = 20_000;
/** Looks take at most this share of the time. */
const lookShare = 0.05;
const nothing: WantedRules = { ...noRules, whole: true };

export class PacketKeeper {
  readonly #options: PacketKeeperOptions;
  readonly #retryDelay: number;
  readonly #lingering: number;
  #config: Wanted = { virtuals: [] };
  #wanted: WantedRules = nothing;
  /** Whether the services of the configuration stand, so that rules of the one before can go. */
  #settled = false;
  /** The table as it was read or written last; null where only another look can tell. */
  #known: StandingTable | null = null;
  /** What was left there after the last look; null before the first. */
  #left: PacketRules | null = null;
  /** Whether there is, or may be, a table; null before the journal was asked. */
  #mayStand: boolean | null = null;
  #fault: NftFault | null = null;
  #failures = 0;
  #lookDelay = defaultLookDelay;
  #lookAt = 0;
  #running: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  /** Until when connections are translated without a rule, of performance.now(); null while there are rules, or none were. */
  #lingersUntil: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor({ retryDelay = 1_000, lingering = usualLingering, ...options }: PacketKeeperOptions) {
    this.#options = options;
    this.#lingering = lingering;
    this.#retryDelay = retryDelay;
  }

  /** Null where no rules are wanted and none of ours stand. */
  get state(): PacketState | null {
    const rules = this.#known?.rules ?? noRules;
    if (isNone(rules) && isNone(this.#wanted) && this.#fault === null) return null;
    return { table: this.#options.table, rules, counts: this.#known?.counts ?? new Map(), fault: this.#fault };
  }

  /** Whether rules are wanted, or some of ours stand, as far as is known. */
  get isNeeded(): boolean {
    return this.state !== null;
  }

  /**
   * Another configuration begins to rule. What its services need before they take clients is put there, and nothing is
   * taken away yet. Settles when that is done, or was tried.
   */
  async prepare(config: Wanted): Promise<void> {
    this.#config = config;
    this.#wanted = packetRules(config);
    this.#settled = false;
    await this.#run();
  }

  /** The services of this configuration stand, if it is still the one that rules: settles as `prepare` does. */
  async settle(config: Wanted): Promise<void> {
    if (config !== this.#config || this.#closed) return;
    this.#settled = true;
    await this.#run();
  }

  /** Services may have come to stand. */
  look(): void {
    const known = this.#known?.rules;
    if (this.#closed || !known) return;
    const { stands } = this.#options;
    const waits = [...this.#wanted.marks].some(
      ([key, { family, mark }]) => !known.marks.has(key) && stands(family, mark),
    );
    if (waits) void this.#run();
  }

  /** Milliseconds from one look at the table to the next, from now on; more where a look takes long. */
  lookEvery(delay: number): void {
    this.#lookDelay = delay;
    this.#schedule();
  }

  /** Lets go; the table stays as it stands. */
  async leave(): Promise<void> {
    this.#closed = true;
    this.#schedule();
    await this.#running;
  }

  /** Takes away what no virtual service needs that stays after the end, and lets go. */
  async close(): Promise<void> {
    await this.leave();
    this.#wanted = packetRules({ virtuals: this.#config.virtuals.filter(({ cleanstop }) => !cleanstop) });
    this.#settled = true;
    await this.#step();
  }

  /** One more step after the one that runs; who asks meanwhile gets the same one. */
  #run(): Promise<void> {
    this.#queued ??= this.#running.then(async () => {
      this.#queued = null;
      if (!this.#closed) await this.#step();
      this.#schedule();
    });
    this.#running = this.#queued;
    return this.#queued;
  }

  async #step(): Promise<void> {
    const { table, nft, journal } = this.#options;
    this.#mayStand ??= await journal.stands();
    if (!this.#mayStand && isNone(this.#wanted)) return this.#succeed(null);
    const began = performance.now();
    const answer = await nft.read(table);
    if (!answer.ok) return this.#fail(answer.fault);
    const { value: standing } = answer;
    const took = performance.now() - began;
    this.#lookAt = performance.now() + Math.max(this.#lookDelay, took / lookShare);
    this.#noteDrift(standing);
    const target = this.#target(rulesIn(standing));
    if (this.#lingersUntil !== null) this.#lookAt = Math.min(this.#lookAt, this.#lingersUntil);
    const counts = standing?.counts ?? new Map();
    if (!isRight(standing, target)) {
      const fault = await this.#write(target, counts);
      if (fault !== null) return this.#fail(fault);
      const [marks, snats] = [target.marks.size, target.snats.size];
      const { marks: before, snats: earlier } = rulesIn(standing);
      // That the last of the table goes is no news where its rules have gone.
      if (standing === null || marks + snats + before.size + earlier.size > 0) {
        this.#options.publish({ type: 'packet-rules-changed', table, marks, snats });
      }
    }
    if (isNone(target)) await journal.end();
    this.#mayStand = !isNone(target);
    this.#left = target;
    this.#succeed({ rules: target, counts });
  }

  /** What is to stand now, where these rules do. */
  #target(standing: PacketRules): PacketRules {
    const lingers = this.#lingers(standing);
    return rulesNow(this.#wanted, { standing, settled: this.#settled, stands: this.#options.stands, lingers });
  }

  /** Once nobody translates addresses any more, the kernel leaves connections alone that it has translated: they break. */
  #lingers({ translates }: PacketRules): boolean {
    if (!translates || this.#wanted.snats.size > 0 || this.#closed) {
      this.#lingersUntil = null;
      return false;
    }
    if (this.#settled) this.#lingersUntil ??= performance.now() + this.#lingering;
    return this.#lingersUntil === null || performance.now() < this.#lingersUntil;
  }

  async #write(target: PacketRules, counts: Counts): Promise<NftFault | null> {
    const { table, nft, journal } = this.#options;
    try {
      if (!isNone(target)) await journal.begin();
    } catch (error) {
      // With the table, and not knowing of it at the next start, is worse than without.
      const message = `it cannot be noted for the next start that there is a table: ${(error as Error).message}`;
      return { code: 'not-noted', message };
    }
    this.#mayStand = true;
    const answer = await nft.write(table, target, counts);
    return answer.ok ? this.#verify(target) : answer.fault;
  }

  /** What nft would not list as it was written would be put right, in vain, at each look. */
  async #verify(target: PacketRules): Promise<NftFault | null> {
    const answer = await this.#options.nft.read(this.#options.table);
    if (!answer.ok) return answer.fault;
    if (isRight(answer.value, target)) return null;
    const message =
      'the rules were written, and nft lists others: does somebody else change them, or is nft another one?';
    return { code: 'not-understood', message };
  }

  #noteDrift(standing: StandingTable | null): void {
    if (this.#left === null || this.#known === null || isRight(standing, this.#left)) return;
    this.#options.publish({ type: 'packet-rules-drifted', table: this.#options.table });
  }

  #succeed(known: StandingTable | null): void {
    this.#known = known ?? { rules: noRules, counts: new Map() };
    this.#failures = 0;
    if (this.#fault === null) return;
    this.#fault = null;
    this.#options.publish({ type: 'packet-rules-restored', table: this.#options.table });
  }

  #fail(fault: NftFault): void {
    const told = this.#fault;
    this.#known = null;
    this.#fault = fault;
    this.#failures += 1;
    this.#lookAt = performance.now() + pauseAfter(this.#failures, this.#retryDelay);
    if (told?.code === fault.code && told.message === fault.message) return;
    this.#options.publish({ type: 'packet-rules-failed', table: this.#options.table, ...fault });
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    // Where there is nothing to keep there is nothing to look after.
    if (this.#closed || (!this.#mayStand && isNone(this.#wanted))) return;
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, this.#lookAt - performance.now()));
  }
}

/** What somebody else has made of it counts for nothing. */
function rulesIn(standing: StandingTable | null): PacketRules {
  return standing?.rules ?? noRules;
}

/** Whether these rules stand, and nothing else; no rules is no table. */
function isRight(standing: StandingTable | null, rules: PacketRules): boolean {
  if (standing === null) return isNone(rules);
  return standing.rules !== null && !isNone(rules) && isSame(standing.rules, rules);
}
