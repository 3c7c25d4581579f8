/**
 * Which checks rest, or are run less often, while this director is passive: those that decide about no server of a
 * service for which it is active. What they have said stays known, and is old.
 */

import type { Virtual } from '../model/config.js';
import { isActiveFor, type RoleInForce } from '../model/role.js';
import type { Interest, Watch } from './assignment.js';

type Watches = ReadonlyMap<string, Watch>;

const none: ReadonlySet<string> = new Set();

export class PassiveChecks {
  #checks: RoleInForce['checks'] = 'always';
  #keys: ReadonlySet<string> = none;

  /** `checksFor` gives the checks that decide about servers of such virtuals alone. Returns those that are on as usual again. */
  follow(
    role: RoleInForce,
    checksFor: (isMeant: (virtual: Virtual) => boolean) => ReadonlySet<string>,
  ): ReadonlySet<string> {
    const before = this.#keys;
    const isWhole =
      role.checks === 'always' || role.word === 'unknown' || (role.word === 'active' && role.held === null);
    this.#checks = role.checks;
    this.#keys = isWhole ? none : checksFor((virtual) => !isActiveFor(role, virtual));
    return before.size === 0 ? none : new Set([...before].filter((key) => !this.#keys.has(key)));
  }

  /** Those that are not run at all. */
  get resting(): ReadonlySet<string> {
    return this.#checks === 'active' ? this.#keys : none;
  }

  /** The same watches, where none is run less often. */
  paced(watches: Watches): Watches {
    const { size } = this.#keys;
    const factor = this.#checks;
    if (size === 0 || typeof factor !== 'number') return watches;
    const slower = new Map<Interest, Interest>();
    const slow = ([key, watch]: readonly [string, Watch]): readonly [string, Watch] => {
      if (!this.#keys.has(key)) return [key, watch];
      const interest = slower.get(watch.interest) ?? { ...watch.interest, slower: factor };
      slower.set(watch.interest, interest);
      return [key, { ...watch, interest }];
    };
    return new Map([...watches].map(slow));
  }

  /** Why what a check has said is old; null where it is run as usual. */
  staleness(key: string | null): string | null {
    if (key === null || !this.#keys.has(key)) return null;
    return this.#checks === 'active'
      ? 'not checked while this director is passive'
      : `checked ${this.#checks} times less often while this director is passive`;
  }
}
