/** Takes the results of checks: judges them for each server that they decide about, and tells what that changed. */

import type { CheckSums, Spread } from '../events/checking.js';
import type { Publish } from '../events.js';
import type { AlertPhase, RealServer, Virtual } from '../model/config.js';
import { isFallback, subjectOf } from '../model/subject.js';
import type { CheckResult } from '../probes/probe.js';
import { atOnce, inSlices, type Work } from '../slices.js';
import { AllFailing } from './all-failing.js';
import { type Flapping, FlappingServers, flappingSpan } from './flapping.js';
import { Hindrances } from './hindrances.js';
import type { Member, Members, MemberTransition } from './members.js';
import { type Keys, Progress } from './progress.js';

export interface RecorderOptions {
  readonly publish: Publish;
  /** Whether it is held out of use, whatever its checks say. */
  readonly isHeld: (real: RealServer) => boolean;
  /** Others are up than before, or it is known now of all. */
  readonly onChange: () => void;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** What links and routes of this machine say. Does not reject. */
  readonly network: () => Promise<string>;
}

/** What all checks of about a second came to. */
export interface Summed {
  readonly sums: CheckSums;
  readonly spreads: { readonly lateness: Spread; readonly duration: Spread };
}

/** Servers that share a result, above which others have their turn in between. */
const mostAtOnce = 64;
/** Results that wait for their telling. */
const mostWaiting = 1_000;

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #hindrances = new Hindrances();
  readonly #progress = new Progress();
  readonly #allFailing = new AllFailing();
  readonly #flapping = new FlappingServers();
  /** When those that flap were told of together; null while none does. */
  #flappingTold: number | null = null;
  #isTellingSettled = false;
  #members: Members | null = null;
  /** Results that are not told of to the end yet, the first of them in part. */
  readonly #waiting: { readonly check: string; readonly work: Work<void> }[] = [];
  #isTelling = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * From now on results are about these; the keys of `checks` are the checks, each of which has a result within `window`
   * milliseconds. All that are new are among those `added`.
   */
  takeOver(members: Members, checks: Keys, window: number, added: Keys = checks): void {
    this.#members = members;
    this.#progress.begin(checks, added);
    // A sorry server is where it can be reached still, often on this machine: that it passes says nothing for the others.
    const apart = members.checksOfFallbacks();
    const has = (check: string): boolean => checks.has(check) && !apart.has(check);
    this.#allFailing.takeOver({ has, size: checks.size - apart.size }, window);
    this.#hindrances.keep(checks, this.#options.now());
  }

  /** What the daemon is doing. */
  get phase(): AlertPhase {
    return this.#progress.phase;
  }

  /** What the results so far changed has been carried out. */
  settle(): void {
    this.#progress.settle();
  }

  /** The daemon stops. */
  stop(): void {
    this.flush();
    this.#progress.stop();
  }

  /** Why the check of a server has no verdict; null where it has one. */
  hindranceOf(real: RealServer): string | null {
    return this.#hindrances.reasonOf(this.#members?.checkOf(real) ?? '');
  }

  /** These checks alone are not run now: nobody waits for what they say. */
  rest(checks: ReadonlySet<string>): void {
    this.#allFailing.rest(checks);
    let isOther = false;
    for (const check of checks) {
      isOther = this.#progress.noteAnswer(check) || isOther;
      this.#hindrances.drop(check, this.#options.now());
    }
    if (isOther) this.#options.onChange();
  }

  /** One that many servers share is told of little by little, in the order in which results come. */
  record(check: string, result: CheckResult): void {
    const isLast = this.#progress.noteAnswer(check);
    this.#hindrances.note(check, result, this.#options.now());
    if (result.ok !== null) this.#noteIsolation(check, result.ok);
    const work = this.#take(check, result, isLast);
    const many = (this.#members?.decidedBy(check).length ?? 0) > mostAtOnce;
    if (!many && this.#waiting.every((other) => other.check !== check)) {
      atOnce(work);
      return;
    }
    this.#waiting.push({ check, work });
    if (this.#waiting.length > mostWaiting) this.flush();
    else if (!this.#isTelling) void this.#tellWaiting();
  }

  /** What was said so far counts for all whom it is about. */
  flush(): void {
    for (const { work } of this.#waiting.splice(0)) atOnce(work);
  }

  async #tellWaiting(): Promise<void> {
    this.#isTelling = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      await inSlices(next.work);
      // It may have been flushed meanwhile, with others after it.
      if (this.#waiting[0] === next) this.#waiting.shift();
    }
    this.#isTelling = false;
  }

  *#take(check: string, result: CheckResult, isLast: boolean): Work<void> {
    let isOther = isLast;
    const at = Date.now();
    for (const { member, transition, isFirst } of this.#members?.judge(check, result, at) ?? []) {
      this.#publishResult(member, result);
      if (transition !== null) this.#publishTransition({ member, transition }, result);
      // What is found at first has not changed, and with thousands of servers it would be remembered of all of them.
      if (!isFirst && (transition === 'up' || transition === 'down')) this.#noteChange(member, transition === 'up');
      isOther ||= transition === 'up' || transition === 'down';
      yield;
    }
    if (isOther) this.#options.onChange();
  }

  /** How a server flaps, and since when in milliseconds since 1970; null where it does not. */
  flappingOf(virtual: Virtual, real: RealServer): { readonly changes: number; readonly since: number } | null {
    const now = this.#options.now();
    const found = this.#flapping.of(() => subjectOf(virtual, real), now);
    return found && { changes: found.changes, since: Date.now() - (now - found.began) };
  }

  /** Once a second. What keeps checks from a verdict is told with it, so that thousands of them are one event. */
  sum(summed: Summed): void {
    const { publish, now } = this.#options;
    publish({ type: 'checks-summed', ...summed });
    for (const { began, reason, checks } of this.#hindrances.changes(now())) {
      publish({ type: began ? 'checks-hindered' : 'checks-unhindered', reason, checks });
    }
    this.#tellFlapping(now());
  }

  async #tellSettled(now: number): Promise<void> {
    if (this.#isTellingSettled) return;
    this.#isTellingSettled = true;
    await inSlices(this.#settle(now));
    this.#isTellingSettled = false;
  }

  *#settle(now: number): Work<void> {
    for (const settled of this.#flapping.settle(now)) {
      if (settled !== null) {
        const { who, up, changes, began } = settled;
        this.#options.publish({ type: 'server-settled', ...who, up, changes, seconds: secondsOf(now - began) });
      }
      yield;
    }
  }

  #tellFlapping(now: number): void {
    const { publish } = this.#options;
    void this.#tellSettled(now);
    if (this.#flapping.size === 0) this.#flappingTold = null;
    else this.#flappingTold ??= now;
    if (this.#flappingTold === null || now - this.#flappingTold < flappingSpan) return;
    this.#flappingTold = now;
    let [servers, changes] = [0, 0];
    let most: Flapping | null = null;
    for (const flapping of this.#flapping.all(now)) {
      servers += 1;
      changes += flapping.changes;
      if (most === null || flapping.changes > most.changes) most = flapping;
    }
    if (most === null) return;
    publish({ type: 'servers-flap', servers, changes, most: { ...most.who, changes: most.changes } });
  }

  #noteIsolation(check: string, ok: boolean): void {
    const { publish, network, now } = this.#options;
    const found = this.#allFailing.note(check, ok, now());
    if (found === null) return;
    const checks = this.#allFailing.size;
    if (found === 'ended') publish({ type: 'director-reaches', checks });
    else void network().then((words) => publish({ type: 'director-isolated', checks, network: words }));
  }

  #publishResult({ virtual, real }: Member, { ok, reason, duration }: CheckResult): void {
    // Who reads single results wants those of real servers.
    if (ok === null || isFallback(real)) return;
    const held = this.#options.isHeld(real);
    this.#options.publish({ type: 'checked', ...subjectOf(virtual, real), ok, reason, duration, held });
  }

  #publishTransition({ member, transition }: MemberTransition, { reason, duration }: CheckResult): void {
    const { virtual, real, health } = member;
    const subject = subjectOf(virtual, real);
    const common = { ...subject, reason };
    const who = isFallback(real) ? 'fallback' : 'server';
    if (transition === 'up' || transition === 'recovered') {
      this.#options.publish({ type: `${who}-${transition}`, ...common });
      return;
    }
    const { failures, successes } = health;
    const { failurecount, risecount } = virtual;
    if (transition === 'rising') {
      this.#options.publish({ type: `${who}-rising`, ...common, successes, risecount });
      return;
    }
    this.#options.publish({ type: `${who}-${transition}`, ...common, duration, failures, failurecount });
  }

  #noteChange({ virtual, real }: Member, up: boolean): void {
    const who = subjectOf(virtual, real);
    const now = this.#options.now();
    const begun = this.#flapping.note(who, up, now);
    if (begun === null) return;
    const { changes, began } = begun;
    this.#options.publish({ type: 'server-flapping', ...who, changes, seconds: secondsOf(now - began) });
  }
}

function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000));
}
