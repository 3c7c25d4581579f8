/** The announcers that the settings name, one for each device, pipe or program. */

import type { AnnouncedBy } from '../../config/settings/announce-rows.js';
import type { Publish } from '../../events.js';
import type { Announcement, Announcer } from './announcer.js';

/** How it stands in the settings. */
export function byText(by: AnnouncedBy): string {
  switch (by.how) {
    case 'address':
      return `address ${by.device}`;
    case 'exabgp':
      return `exabgp ${by.pipe}`;
    default:
      return `command ${by.command}`;
  }
}

interface Open {
  readonly announcer: Announcer;
  /** As it was told last. */
  fault: string | null;
}

export class Announcers {
  readonly #open: (by: AnnouncedBy, onChange: () => void) => Announcer;
  readonly #publish: Publish;
  /** By how they stand in the settings. */
  readonly #all = new Map<string, Open>();
  #closing: Promise<unknown> = Promise.resolve();

  constructor(open: (by: AnnouncedBy, onChange: () => void) => Announcer, publish: Publish) {
    this.#open = open;
    this.#publish = publish;
  }

  /** Each is given what it is to announce; one that is not named any more withdraws all once the others have announced. */
  announce(
    wanted: ReadonlyMap<string, { readonly by: AnnouncedBy; readonly announcements: readonly Announcement[] }>,
  ): void {
    for (const [name, { by, announcements }] of wanted) {
      const open = this.#all.get(name) ?? this.#begin(name, by);
      open.announcer.announce(new Map(announcements.map((one) => [one.address, one])));
    }
    for (const [name, { announcer }] of this.#all) {
      if (wanted.has(name)) continue;
      this.#all.delete(name);
      announcer.announce(new Map());
      this.#closing = Promise.all([this.#closing, announcer.whenSettled(patience).then(() => announcer.leave())]);
    }
  }

  of(by: AnnouncedBy): Announcer | undefined {
    return this.#all.get(byText(by))?.announcer;
  }

  async whenSettled(milliseconds: number): Promise<void> {
    await Promise.all([...this.#all.values()].map(({ announcer }) => announcer.whenSettled(milliseconds)));
  }

  async leave(): Promise<void> {
    await Promise.all([this.#closing, ...[...this.#all.values()].map(({ announcer }) => announcer.leave())]);
  }

  #begin(name: string, by: AnnouncedBy): Open {
    const announcer = this.#open(by, () => this.#tellFault(name));
    const open: Open = { announcer, fault: null };
    this.#all.set(name, open);
    return open;
  }

  #tellFault(name: string): void {
    const open = this.#all.get(name);
    if (open === undefined || open.announcer.fault === open.fault) return;
    open.fault = open.announcer.fault;
    if (open.fault === null) this.#publish({ type: 'announcer-restored', by: name });
    else this.#publish({ type: 'announcer-failed', by: name, reason: open.fault });
  }
}

/** Milliseconds. */
const patience = 2_000;
