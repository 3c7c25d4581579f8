/** Sending clients to other directors, for work on this one: what is asked, what is answered, and why it is not done. */

import type { Publish } from '../events.js';
import { type Origin, originWords } from '../model/origin.js';
import type { AnnouncementStatus } from '../status/model.js';
import type { Announcing } from './announce/announcing.js';

/** Who asks for it and why; and whether though nobody is known to take the clients. */
export interface HandoverWish extends Pick<Origin, 'who' | 'why'> {
  readonly force: boolean;
}

export interface HandoverAnswer {
  /** Null once it is taken back. */
  readonly handover: Origin | null;
  /** Of each address that `[announce]` is about. */
  readonly announcements: readonly AnnouncementStatus[];
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
}

export interface Handover {
  /** Who does, when and why; null where nobody does. */
  readonly current: Origin | null;
  /** Settles when whoever announces has been told, or cannot be. Rejects with a HandoverRefusal. */
  handOver(wish: HandoverWish): Promise<HandoverAnswer>;
  takeBack(by: Pick<Origin, 'who' | 'why'>): Promise<HandoverAnswer>;
}

/** What was asked is understood and is not done. */
export class HandoverRefusal extends Error {
  readonly code: 'nobody-ready' | 'refused';

  constructor(code: HandoverRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface HandoverOptions {
  readonly announcing: Announcing;
  readonly publish: Publish;
  /** Whether anybody sends clients elsewhere by it: who announces, or who elects. */
  readonly isFollowed: () => boolean;
  /** Names of other directors that are ready for clients; null where nobody knows. */
  readonly othersReady: () => readonly string[] | null;
  /** It is handed over, or is no longer. */
  readonly onChange: () => void;
}

/** Milliseconds that whoever asks waits for those who announce. */
const patience = 10_000;
const unfollowed =
  'nobody would send clients elsewhere: the settings have no [announce], and no fitnessfile or fitnessattribute in [role]';

export class DirectorHandover implements Handover {
  readonly #options: HandoverOptions;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  get current(): Origin | null {
    return this.#options.announcing.handover;
  }

  async handOver({ force, who, why }: HandoverWish): Promise<HandoverAnswer> {
    const { announcing, publish, isFollowed, othersReady, onChange } = this.#options;
    if (this.current !== null) return this.#answer([`it was handed over before${originWords(this.current)}`]);
    if (!isFollowed()) throw new HandoverRefusal('refused', unfollowed);
    const fault = nobodyReady(othersReady());
    if (fault !== null && !force) throw new HandoverRefusal('nobody-ready', fault);
    const origin = { who, why, since: Date.now() };
    await announcing.handOver(origin);
    onChange();
    publish({ type: 'handover-began', ...origin });
    return this.#answer(fault === null ? [] : [fault]);
  }

  async takeBack({ who, why }: Pick<Origin, 'who' | 'why'>): Promise<HandoverAnswer> {
    const { announcing, publish, onChange } = this.#options;
    if (this.current === null) throw new HandoverRefusal('refused', 'this director is not handed over');
    await announcing.handOver(null);
    onChange();
    publish({ type: 'handover-ended', who, why, since: Date.now() });
    return this.#answer([]);
  }

  async #answer(notes: readonly string[]): Promise<HandoverAnswer> {
    const { announcing } = this.#options;
    await announcing.whenSettled(patience);
    return { handover: announcing.handover, announcements: announcing.status, notes };
  }
}

/** What keeps this director from being handed over. */
function nobodyReady(ready: readonly string[] | null): string | null {
  if (ready === null) return 'no other director is known to be ready: without [store] in the settings nobody can tell';
  return ready.length === 0 ? 'no other director is ready' : null;
}
