/** What this director is among several: its role, and what follows from it. One part of the daemon. */

import { setTimeout as sleep } from 'node:timers/promises';
import { defaultSettings, type Settings } from '../config/settings/rows.js';
import type { Publish } from '../events.js';
import type { Config } from '../model/config.js';
import { vipOf } from '../model/endpoint.js';
import { alwaysActive, isSameRole, type RoleState } from '../model/role.js';
import type { OwnAddress } from '../path/addresses/plan.js';
import type { Standings } from '../reconcile/standings/standings.js';
import { always } from './role/always.js';
import { AddressRole } from './role/by-address.js';
import { roleEvents } from './role/news.js';
import { type Asked, isSameAsked, openRole } from './role/open.js';
import type { Role } from './role/role.js';

export interface DirectorsOptions {
  readonly publish: Publish;
  /** The addresses that this program has put on the machine, by `ownKey`. */
  readonly ownAddresses: () => Promise<ReadonlyMap<string, OwnAddress>>;
  /** This director is active for others than before. */
  readonly onRole: () => void;
}

/** Milliseconds that a configuration waits for somebody to say what the role is. */
const rolePatience = 2_000;

export class Directors {
  readonly #options: DirectorsOptions;
  /** Who says the role, and by which settings. */
  #source: Role = always;
  #asked: Asked = defaultSettings.role;
  #role: RoleState = alwaysActive;
  /** Of those who say nothing any more. */
  #closing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: DirectorsOptions) {
    this.#options = options;
  }

  /** As it was told last. */
  get role(): RoleState {
    return this.#role;
  }

  /**
   * A configuration is going to rule with these settings. Settles when its role is known, or within some seconds. Never
   * rejects.
   */
  async configure(settings: Settings, config: Config): Promise<void> {
    const before = this.#source;
    const source = isSameAsked(settings.role, this.#asked) ? before : this.#open(settings.role);
    const late = new AbortController();
    const over = sleep(rolePatience, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([source.follow(vipsOf(config)), over]);
    late.abort();
    if (this.#isClosed) {
      await source.close();
      return;
    }
    // Until the new one says something the one before counts.
    this.#asked = settings.role;
    this.#source = source;
    this.#take(source);
    if (source !== before) this.#closing = Promise.all([this.#closing, before.close()]);
  }

  /** It has been decided what becomes of each server. */
  decided(_standings: Standings): void {}

  /** Addresses have become this program's own, or are so no longer. */
  noteOwnAddresses(): void {
    if (this.#source instanceof AddressRole) this.#source.look();
  }

  /** Lets go; what stands stays for the next start. */
  async leave(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#closing, this.#source.close()]);
  }

  /** Takes back what is not to stay, then lets go. */
  async close(): Promise<void> {
    await this.leave();
  }

  #open(asked: Asked): Role {
    const source = openRole(asked, { own: this.#options.ownAddresses, onChange: () => this.#take(source) });
    return source;
  }

  #take(source: Role): void {
    const before = this.#role;
    const { state } = source;
    if (source !== this.#source || isSameRole(before, state)) return;
    this.#role = state;
    const events = roleEvents(before, state);
    for (const event of events) this.#options.publish(event);
    if (events.some(({ type }) => type === 'role-changed')) this.#options.onRole();
  }
}

function vipsOf({ virtuals }: Config): Set<string> {
  return new Set(virtuals.flatMap(({ endpoint }) => vipOf(endpoint) ?? []));
}
