/**
 * Keeps the kernel's synchronization daemons as role and settings want them: reads, plans, writes down what will be ours,
 * stops and starts, and looks after it, since nobody tells when one ends. What runs without us, in a place that we do not
 * need, is somebody else's, and stays.
 */

import { performance } from 'node:perf_hooks';
import type { SyncSettings } from '../../config/settings/sync-rows.js';
import type { Publish } from '../../events.js';
import type { DaemonState, SyncDaemon, SyncDaemons } from '../../ipvs/sync-daemon.js';
import { pauseAfter } from '../../reconcile/held-back.js';
import { Looks } from '../../reconcile/looks.js';
import { NamedContest } from '../../reconcile/named-contest.js';
import type { SyncStatus } from '../../status/model.js';
import { JournalWriter } from '../../system/own-journal.js';
import type { SyncJournal } from './journal.js';
import { type AskedDaemon, harmfulDaemons, isSameRun, planDaemons, type SyncPlan, wantedDaemons } from './plan.js';
import { daemonWords, startFailure } from './words.js';

export interface SyncKeeperOptions {
  /** Of the table; null where it has none. */
  readonly daemons: SyncDaemons | null;
  readonly journal: SyncJournal;
  readonly publish: Publish;
  /** Milliseconds before what failed is tried again; doubled each time, up to a minute. */
  readonly retryDelay?: number;
}

interface Wish {
  readonly settings: SyncSettings;
  readonly isActive: boolean;
}

interface Fault {
  readonly code: string;
  readonly reason: string;
}

interface Failed extends Fault {
  readonly times: number;
  readonly due: number;
}

/** What a fault is about: one daemon, or all. */
type Place = DaemonState | 'all';

const never = Number.POSITIVE_INFINITY;

export class SyncKeeper {
  readonly #options: Required<SyncKeeperOptions>;
  readonly #contest: NamedContest;
  readonly #journal: JournalWriter<AskedDaemon>;
  readonly #looks = new Looks({ look: () => this.#look(), isNeeded: () => this.#isNeeded });
  #wish: Wish | null = null;
  #wanted: readonly AskedDaemon[] = [];
  /** What is ours, as it was asked for; null until the journal has been read. */
  #own: readonly AskedDaemon[] | null = null;
  /** What the last look has left running, of what was wanted then. */
  #standing: readonly AskedDaemon[] = [];
  /** Since when the backup is known to run, in milliseconds of performance.now(); null where it does not. */
  #backupSince: number | null = null;
  readonly #failed = new Map<Place, Failed>();
  /** What was told last, of each that fails, and of those of somebody else. */
  readonly #told = new Map<Place, string>();
  #toldForeign: ReadonlySet<string> = new Set();

  constructor(options: SyncKeeperOptions) {
    this.#options = { retryDelay: 1_000, ...options };
    this.#contest = new NamedContest(4 * this.#options.retryDelay);
    const onLost = (reason: string): void => this.#options.publish({ type: 'sync-journal-lost', reason });
    this.#journal = new JournalWriter(options.journal, (daemon) => JSON.stringify(daemon), onLost);
  }

  /** Takes what is wanted from now on. Nothing is changed before the first of it. Returns at once. */
  want(settings: SyncSettings, isActive: boolean): void {
    if (this.#looks.isOver) return;
    const before = this.#wish;
    this.#wish = { settings, isActive };
    // What another interface or role fails at is another matter.
    if (before?.settings !== settings || before.isActive !== isActive) this.#failed.clear();
    this.#looks.start();
  }

  /** Milliseconds from one look to the next. */
  lookEvery(delay: number): void {
    this.#looks.every(delay);
  }

  /** Settles when there is nothing to be done at once, or so many milliseconds have passed. */
  whenSettled(milliseconds: number): Promise<void> {
    return this.#looks.whenSettled(milliseconds);
  }

  /** Of those that are wanted; none where `sync` is `no`. */
  get status(): readonly SyncStatus[] {
    return this.#wanted.map(({ state, interface: name, syncId: id }) => {
      const runs = this.#stands(state);
      const fault = this.#failed.get('all') ?? this.#failed.get(state);
      if (fault !== undefined) return { state, interface: name, id, runs, why: `${fault.reason} (${fault.code})` };
      return { state, interface: name, id, runs, why: runs ? null : this.#whyAbsent(state) };
    });
  }

  /** Why connections of the active director cannot have arrived here yet; null where they can, or are not to. */
  get unsettled(): string | null {
    if (this.#wish === null || this.#wish.isActive || this.#wish.settings.sync === 'no') return null;
    const { settle } = this.#wish.settings;
    const ran = this.#backupSince === null ? null : (performance.now() - this.#backupSince) / 1_000;
    if (ran === null) return 'the backup of [sync] does not run';
    return ran >= settle ? null : `the backup of [sync] has run ${Math.floor(ran)} of ${settle} s`;
  }

  #whyAbsent(state: DaemonState): string {
    return this.#contest.dueOf(state, performance.now()) === null
      ? 'it has not been started yet'
      : 'somebody stops it each time, or runs another in its place; it is put right less often now';
  }

  /** Lets go; what runs runs on, for the next start to find in the journal. */
  leave(): Promise<void> {
    return this.#looks.end();
  }

  /** Stops what is ours, then lets go. */
  async close(): Promise<void> {
    await this.leave();
    const { daemons } = this.#options;
    if (daemons === null || this.#wish === null || !this.#isNeeded) return;
    try {
      const found = await daemons.daemons();
      const { stop } = planDaemons([], this.#wish.settings, found, this.#own ?? []);
      await this.#carryOut(daemons, { stop, start: [] });
      await this.#journal.write([]);
    } catch (error) {
      this.#fail('all', error);
      this.#tell();
    }
  }

  get #isNeeded(): boolean {
    return (this.#wish !== null && this.#wish.settings.sync !== 'no') || (this.#own?.length ?? 0) > 0;
  }

  async #look(): Promise<number> {
    if (this.#wish === null) return never;
    try {
      await this.#round(this.#wish);
    } catch (error) {
      this.#fail('all', error);
    }
    this.#tell();
    return this.#nextTry();
  }

  /** For what does not run and is to; it may be due by now. */
  #nextTry(): number {
    const all = this.#failed.get('all');
    if (all !== undefined) return all.due;
    const now = performance.now();
    const away = this.#wanted.filter(({ state }) => !this.#stands(state));
    return Math.min(never, ...away.map(({ state }) => this.#waitFor(state, now)));
  }

  async #round({ settings, isActive }: Wish): Promise<void> {
    this.#own ??= await this.#journal.read();
    const { daemons } = this.#options;
    const { sync, interface: name } = settings;
    const number = sync === 'no' || name === null ? null : (daemons?.numberOf(name) ?? null);
    this.#wanted = wantedDaemons(settings, isActive, number);
    // Who wants none asks nobody.
    if (!this.#isNeeded) return this.#failed.clear();
    if (daemons === null) {
      this.#failed.set('all', notHere);
      return;
    }
    const harmful = harmfulDaemons(this.#wanted, daemons.isBackupOnly());
    const found = await daemons.daemons();
    this.#failed.delete('all');
    if (this.#failed.get('backup') === backupRefused) this.#failed.delete('backup');
    const plan = planDaemons(
      this.#wanted.filter((daemon) => !harmful.includes(daemon)),
      settings,
      found,
      this.#own,
    );
    const now = performance.now();
    this.#noteDrift(plan, found, now);
    // Who is not to be started yet leaves what is in its place.
    const start = plan.start.filter(({ state }) => this.#waitFor(state, now) <= now);
    const waiting = new Set(plan.start.filter((daemon) => !start.includes(daemon)).map(({ state }) => state));
    const stop = plan.stop.filter(({ state }) => !waiting.has(state));
    // Until it has been stopped it is ours still.
    const leaving = this.#own.filter((daemon) => plan.stop.some((one) => isSameRun(daemon, one)));
    await this.#journal.write([...plan.stay, ...start, ...leaving]);
    const { stopped, started } = await this.#carryOut(daemons, { stop, start });
    this.#standing = [...plan.stay, ...started];
    this.#backupSince = this.#stands('backup') ? (this.#backupSince ?? now) : null;
    this.#own = [...this.#standing, ...leaving.filter(({ state }) => !stopped.has(state))];
    await this.#journal.write(this.#own);
    for (const { state } of this.#standing) this.#failed.delete(state);
    for (const { state } of harmful) this.#failed.set(state, backupRefused);
    this.#tellForeign(plan.foreign);
  }

  /** What was left running is not there, or another is in the place that ours is to have. */
  #noteDrift({ stop, start }: SyncPlan, found: readonly SyncDaemon[], now: number): void {
    for (const { state } of start) {
      const there = found.find((one) => one.state === state) ?? null;
      const isLost = there === null && this.#stands(state);
      const isOthers = there !== null && stop.includes(there) && !this.#isOurs(there);
      if (!isLost && !isOthers) continue;
      const isSuspicious = this.#contest.note(state, now);
      const words = there === null ? null : daemonWords(there);
      if (isSuspicious) this.#options.publish({ type: 'sync-contested', daemon: state, found: words });
      else if (this.#contest.dueOf(state, now) === null) {
        this.#options.publish({ type: 'sync-drifted', daemon: state, found: words });
      }
    }
  }

  /** As the last look has left it. */
  #stands(state: DaemonState): boolean {
    return this.#standing.some((one) => one.state === state);
  }

  #isOurs(found: SyncDaemon): boolean {
    const { interface: name, id } = this.#wish?.settings ?? { interface: null, id: 0 };
    const isAsked = this.#own?.some((one) => isSameRun(one, found)) ?? false;
    return isAsked || (found.interface === name && found.syncId === id);
  }

  /** When one may be started: at once, or when it is its turn again. */
  #waitFor(state: DaemonState, now: number): number {
    return Math.max(this.#failed.get(state)?.due ?? now, this.#contest.dueOf(state, now) ?? now);
  }

  async #carryOut(
    daemons: SyncDaemons,
    { stop, start }: Pick<SyncPlan, 'stop' | 'start'>,
  ): Promise<{ readonly stopped: ReadonlySet<DaemonState>; readonly started: readonly AskedDaemon[] }> {
    const { publish } = this.#options;
    const stopped = new Set<DaemonState>();
    for (const one of stop) {
      try {
        await daemons.stopDaemon(one.state);
        if (this.#isOurs(one)) publish({ type: 'sync-stopped', ...newsOf(one) });
        stopped.add(one.state);
      } catch (error) {
        // Somebody was quicker.
        if (codeOf(error) === 'ESRCH') stopped.add(one.state);
        else this.#fail(one.state, error);
      }
    }
    const started: AskedDaemon[] = [];
    for (const daemon of start) {
      if (stop.some(({ state }) => state === daemon.state) && !stopped.has(daemon.state)) continue;
      try {
        const { number: _, ...asked } = daemon;
        await daemons.startDaemon(asked);
        started.push(daemon);
        publish({ type: 'sync-started', ...newsOf(daemon) });
      } catch (error) {
        const code = codeOf(error);
        this.#fail(daemon.state, { code, message: startFailure(daemon, code, (error as Error).message) });
      }
    }
    return { stopped, started };
  }

  #fail(place: Place, error: unknown): void {
    const times = (this.#failed.get(place)?.times ?? 0) + 1;
    const { message } = error as Error;
    const due = performance.now() + pauseAfter(times, this.#options.retryDelay);
    this.#failed.set(place, { code: codeOf(error), reason: message, times, due });
  }

  /** What fails, once, and that it does no longer. */
  #tell(): void {
    const { publish } = this.#options;
    for (const place of ['all', 'master', 'backup'] as const) {
      const failed = this.#failed.get(place);
      const told = this.#told.get(place);
      if (failed === undefined) {
        if (told === undefined) continue;
        this.#told.delete(place);
        // Of one that is not wanted any more there is nothing to tell.
        if (place === 'all' || this.#wanted.some(({ state }) => state === place)) {
          publish({ type: 'sync-restored', daemon: place });
        }
        continue;
      }
      const { code, reason } = failed;
      if (told === `${code} ${reason}`) continue;
      this.#told.set(place, `${code} ${reason}`);
      publish({ type: 'sync-failed', daemon: place, code, reason });
    }
  }

  #tellForeign(foreign: readonly SyncDaemon[]): void {
    const now = new Map(foreign.map((daemon) => [`${daemon.state} ${daemonWords(daemon)}`, daemon]));
    for (const [key, daemon] of now) {
      if (!this.#toldForeign.has(key)) this.#options.publish({ type: 'sync-foreign', ...newsOf(daemon) });
    }
    this.#toldForeign = new Set(now.keys());
  }
}

const backupRefused: Failed = {
  code: 'backup-only',
  reason:
    'net.ipv4.vs.backup_only is set, by which the kernel balances nothing while a backup runs, so that the master runs alone: sysctl -w net.ipv4.vs.backup_only=0',
  times: 1,
  // It is not tried: each look asks whether that is set still.
  due: never,
};
const notHere: Failed = {
  code: 'ENOTSUP',
  reason: 'the connections of this backend end in this process, and no other director could go on with them',
  times: 1,
  due: never,
};

function newsOf({ state, interface: name, syncId }: SyncDaemon) {
  return { daemon: state, interface: name, id: syncId };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO';
}
