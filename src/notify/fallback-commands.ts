/**
 * When `fallbackcommand` of a virtual service is run: as its last real server goes, and as a first one is back, where this
 * director is active for it. Where it becomes so, the command hears what it has not heard here.
 */

import type { Virtual } from '../model/config.js';
import { alwaysActive, isActiveFor, type RoleState } from '../model/role.js';
import { virtualKey, virtualSubjectOf } from '../model/subject.js';

/** What it is called with. */
export type FallbackWord = 'start' | 'stop';

export interface FallbackCommandsOptions {
  readonly run: (virtual: Virtual, word: FallbackWord) => void;
  /** Another director is active for it. */
  readonly leave: (virtual: Virtual, word: FallbackWord) => void;
}

export class FallbackCommands {
  readonly #options: FallbackCommandsOptions;
  #role: RoleState = alwaysActive;
  /** What each was called with last by this process, by the virtual's key. */
  readonly #called = new Map<string, FallbackWord>();

  constructor(options: FallbackCommandsOptions) {
    this.#options = options;
  }

  noteUse(virtual: Virtual, isInUse: boolean, role: RoleState): void {
    if (virtual.fallbackcommand === null) return;
    const word = isInUse ? 'stop' : 'start';
    if (isActiveFor(role, virtual)) this.#call(virtual, word);
    else this.#options.leave(virtual, word);
  }

  /** Who was passive for one without a server begins, and who has begun and finds one ends. Who becomes passive does neither. */
  follow(role: RoleState, virtuals: Iterable<Virtual>, isInUse: (virtual: Virtual) => boolean): void {
    const before = this.#role;
    this.#role = role;
    for (const virtual of virtuals) {
      if (virtual.fallbackcommand === null || isActiveFor(before, virtual) || !isActiveFor(role, virtual)) continue;
      const [called, isServed] = [this.#called.get(keyOf(virtual)), isInUse(virtual)];
      if (isServed ? called === 'start' : called !== 'start') this.#call(virtual, isServed ? 'stop' : 'start');
    }
  }

  /** It was left to another director, which has not said it. */
  insist(virtual: Virtual, word: FallbackWord): void {
    if (virtual.fallbackcommand !== null && this.#called.get(keyOf(virtual)) !== word) this.#call(virtual, word);
  }

  /** Forgets those that the configuration no longer has. */
  keep(virtuals: Iterable<Virtual>): void {
    if (this.#called.size === 0) return;
    const keys = new Set([...virtuals].map(keyOf));
    for (const key of this.#called.keys()) if (!keys.has(key)) this.#called.delete(key);
  }

  #call(virtual: Virtual, word: FallbackWord): void {
    this.#called.set(keyOf(virtual), word);
    this.#options.run(virtual, word);
  }
}

function keyOf(virtual: Virtual): string {
  return virtualKey(virtualSubjectOf(virtual));
}
