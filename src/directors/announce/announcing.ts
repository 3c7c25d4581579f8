/**
 * Announces the addresses of services as their servers stand: decides, tells what is new, has it announced, and looks
 * again when that changes by itself. Nothing waits for it.
 */

import type { AnnouncedBy, AnnounceSection } from '../../config/settings/announce-rows.js';
import type { Publish } from '../../events.js';
import type { Origin } from '../../model/origin.js';
import type { Standings } from '../../reconcile/standings/standings.js';
import type { AnnouncementStatus } from '../../status/model.js';
import type { Announcement, Announcer } from './announcer.js';
import { Announcers, byText } from './announcers.js';
import { type Course, courseOf, type VipState } from './course.js';
import { type AnnouncementFile, noAnnouncementFile } from './kept.js';
import { ruleFor } from './rules.js';
import { findingOfAll, type Stands, type Vip, vipsOf } from './vip-health.js';

export interface AnnouncingOptions {
  readonly publish: Publish;
  readonly open: (by: AnnouncedBy, onChange: () => void) => Announcer;
  readonly stands: Stands;
  /** Whether this director is the active one for an address. */
  readonly isActiveFor: (address: string) => boolean;
  /** Whether an address is healthy on no director. */
  readonly isDownEverywhere: (address: string) => boolean;
  readonly file?: AnnouncementFile;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** An address that a section is about. */
interface Followed extends Course {
  readonly vip: Vip;
  readonly rule: AnnounceSection & { readonly by: AnnouncedBy };
}

/** Milliseconds; the clock may be set while it is slept, and a timer of Node's takes no more than 31 bits. */
const longestSleep = 3_600_000;
/** Milliseconds for what is withdrawn at a stop. */
const stopPatience = 2_000;

export class Announcing {
  readonly #options: Required<AnnouncingOptions>;
  readonly #announcers: Announcers;
  #sections: readonly AnnounceSection[] = [];
  #decided: Standings | null = null;
  /** By address. */
  #followed: ReadonlyMap<string, Followed> = new Map();
  /** Of addresses that have not been decided about yet, as the run before left them. */
  #before: ReadonlyMap<string, VipState> = new Map();
  #handover: Origin | null = null;
  #written = '';
  #writing: Promise<void> = Promise.resolve();
  #wake: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: AnnouncingOptions) {
    this.#options = { file: noAnnouncementFile, now: Date.now, ...options };
    this.#announcers = new Announcers(this.#options.open, this.#options.publish);
  }

  /** What the run before has left counts. Never rejects. */
  async resume(): Promise<void> {
    const { states, handover, fault } = await this.#options.file.read();
    this.#before = states;
    this.#handover = handover;
    this.#written = this.#text;
    if (fault !== null) this.#options.publish({ type: 'announcements-lost', reason: fault });
  }

  /** From the next decision on. */
  configure(sections: readonly AnnounceSection[]): void {
    this.#sections = sections;
  }

  decided(decided: Standings): void {
    this.#decided = decided;
    this.look();
  }

  /** Services may have come into the table. */
  noteTable(): void {
    if ([...this.#followed.values()].some(({ state }) => !state.isUp)) this.look();
  }

  /** Something else than servers may be otherwise: the role, other directors. */
  look(): void {
    const isIdle = this.#sections.length === 0 && this.#followed.size === 0;
    if (this.#isClosed || this.#decided === null || isIdle) return;
    const before = this.#followed;
    this.#followed = this.#follow(this.#decided);
    this.#tell(before);
    this.#announce();
    this.#keep();
    this.#sleep();
  }

  /** Who hands this director over, when and why; null where nobody does. */
  get handover(): Origin | null {
    return this.#handover;
  }

  /** Clients are to go to other directors, or may come again. Settles when the next run knows it; rejects where it cannot. */
  async handOver(handover: Origin | null): Promise<void> {
    const before = this.#handover;
    this.#handover = handover;
    try {
      await this.#write();
    } catch (error) {
      this.#handover = before;
      throw error;
    }
    this.look();
  }

  /** Null where no section is about this address. */
  statusOf(address: string): AnnouncementStatus | null {
    const found = this.#followed.get(address);
    if (found === undefined) return null;
    const { rule, announced, why, state, nextChange } = found;
    const { isDone, why: fault } = this.#announcers.of(rule.by)?.statusOf(address) ?? { isDone: false, why: null };
    const { isHealthy, since } = state;
    return { address, by: byText(rule.by), announced, isHealthy, since, why, nextChange, isDone, fault };
  }

  /** Of each address that a section is about, in the order of the file. */
  get status(): AnnouncementStatus[] {
    return [...this.#followed.keys()].flatMap((address) => this.statusOf(address) ?? []);
  }

  async whenSettled(milliseconds: number): Promise<void> {
    await this.#announcers.whenSettled(milliseconds);
  }

  /** Lets go; what is announced stays so for the next start. */
  async leave(): Promise<void> {
    this.#isClosed = true;
    if (this.#wake) clearTimeout(this.#wake);
    await this.#announcers.leave();
    await this.#writing;
  }

  /** Withdraws what goes at a stop, before its services do, then lets go. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    const before = this.#followed;
    this.#followed = new Map([...before].map(([address, one]) => [address, one.vip.cleanstop ? stopped(one) : one]));
    this.#tell(before);
    this.#announce(true);
    this.#keep();
    await this.#announcers.whenSettled(stopPatience);
    await this.leave();
  }

  #follow(decided: Standings): ReadonlyMap<string, Followed> {
    const { stands, isActiveFor, isDownEverywhere, now } = this.#options;
    const found = new Map<string, Followed>();
    for (const vip of vipsOf(decided, stands).values()) {
      const rule = ruleFor(this.#sections, vip);
      if (rule === null || rule.by === null) continue;
      const { address } = vip;
      const before = this.#followed.get(address)?.state ?? this.#before.get(address) ?? null;
      const finding = findingOfAll(vip.services, rule.health);
      const surroundings = {
        isActive: isActiveFor(address),
        isLeaving: this.#handover !== null,
        isDownEverywhere: rule.failStatic && isDownEverywhere(address),
      };
      const course = courseOf(before, finding, rule, surroundings, now());
      found.set(address, { ...course, vip, rule: { ...rule, by: rule.by } });
    }
    this.#before = new Map();
    return found;
  }

  #tell(before: ReadonlyMap<string, Followed>): void {
    const { publish } = this.#options;
    for (const [address, { announced }] of before) {
      if (announced === null || this.#followed.has(address)) continue;
      publish({
        type: 'vip-withdrawn',
        address,
        why: 'no section of the settings is about it any more, or no service has it',
      });
    }
    for (const [address, { announced, why, rule }] of this.#followed) {
      const earlier = before.get(address)?.announced ?? null;
      if (announced === earlier) continue;
      if (announced === null) publish({ type: 'vip-withdrawn', address, why });
      else publish({ type: 'vip-announced', address, by: byText(rule.by), how: announced, why });
    }
  }

  #announce(isLasting = false): void {
    const wanted = new Map<string, { by: AnnouncedBy; announcements: Announcement[] }>();
    for (const { vip, rule, announced } of this.#followed.values()) {
      const name = byText(rule.by);
      const some = wanted.get(name) ?? { by: rule.by, announcements: [] };
      wanted.set(name, some);
      some.announcements.push({ address: vip.address, family: vip.family, announced, isLasting });
    }
    this.#announcers.announce(wanted);
  }

  get #text(): string {
    return JSON.stringify([[...this.#states], this.#handover]);
  }

  /** Those of whom the next run has to know something: who is not healthy it takes for that anyway. */
  get #states(): ReadonlyMap<string, VipState> {
    const followed = [...this.#followed].map(([address, { state }]): [string, VipState] => [address, state]);
    return new Map([...this.#before, ...followed].filter(([, { isHealthy }]) => isHealthy));
  }

  #keep(): void {
    void this.#write().catch(({ message }: Error) => {
      const reason = `the next start will not know what was announced: ${message}`;
      this.#options.publish({ type: 'announcements-lost', reason });
    });
  }

  /** One after another, and nothing that is written already. */
  #write(): Promise<void> {
    const writing = this.#writing.then(async () => {
      const text = this.#text;
      if (text === this.#written) return;
      // What cannot be written is not tried again before something changes.
      this.#written = text;
      await this.#options.file.write({ states: this.#states, handover: this.#handover });
    });
    this.#writing = writing.catch(() => {});
    return writing;
  }

  #sleep(): void {
    if (this.#wake) clearTimeout(this.#wake);
    this.#wake = null;
    const changes = [...this.#followed.values()].flatMap(({ nextChange }) => nextChange ?? []);
    if (changes.length === 0 || this.#isClosed) return;
    const wait = Math.min(Math.max(Math.min(...changes) - this.#options.now(), 0), longestSleep) + 1;
    this.#wake = setTimeout(() => this.look(), wait).unref();
  }
}

/** Of a director that does not look after it any more. */
function stopped(one: Followed): Followed {
  const state = { ...one.state, isHealthy: false, isUp: false };
  return { ...one, state, announced: null, why: 'the daemon stops', nextChange: null };
}
