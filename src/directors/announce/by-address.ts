/**
 * `by = address DEV`: an announced address stands on a device of this machine, where FRR and BIRD see it come and go. The
 * kernel removes it by itself where nobody renews it: a director that died, or hangs, is not announced for long.
 */

import type { AddressKeeper } from '../../path/addresses/keeper.js';
import type { Announcements, Announcer, AnnouncerStatus } from './announcer.js';

/** Seconds: longer than a restart takes. */
export const lifetime = 30;

/** Null where the backend leaves this machine as it is. */
export type Keeper = Pick<AddressKeeper, 'announceOn' | 'statusOf' | 'whenSettled'> | null;

export class AddressAnnouncer implements Announcer {
  readonly fault = null;
  readonly #device: string;
  readonly #keeper: Keeper;
  #wanted: Announcements = new Map();
  #isClosed = false;

  constructor(device: string, keeper: Keeper) {
    this.#device = device;
    this.#keeper = keeper;
  }

  /** One of which clients are to go elsewhere goes: that it can be reached here all the same is not for a device to say. */
  announce(wanted: Announcements): void {
    if (this.#isClosed) return;
    this.#wanted = wanted;
    const standing = [...wanted.values()].filter(({ announced }) => announced !== null && announced !== 'leaving');
    this.#keeper?.announceOn(
      this.#device,
      standing.map(({ family, address, isLasting }) => ({
        family,
        address,
        device: this.#device,
        prefix: family === 'inet' ? 32 : 128,
        label: null,
        // At a stop it is withdrawn like any other, or stays.
        cleanstop: false,
        lifetime: isLasting ? null : lifetime,
      })),
    );
  }

  statusOf(address: string): AnnouncerStatus {
    if (this.#keeper === null) return { isDone: false, why: 'this backend changes nothing on this machine' };
    const { announced, family } = this.#wanted.get(address) ?? { announced: null, family: 'inet' };
    const { stands, why } = this.#keeper.statusOf({ family, address, device: this.#device });
    const ought = announced !== null && announced !== 'leaving';
    // Of one that is not wanted nothing more is known.
    return ought ? { isDone: stands, why } : { isDone: true, why: null };
  }

  async whenSettled(milliseconds: number): Promise<void> {
    await this.#keeper?.whenSettled(milliseconds);
  }

  async leave(): Promise<void> {
    this.#isClosed = true;
  }
}
