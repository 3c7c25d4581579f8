/** Who says whether this director is active: keepalived by its addresses, a program, or nobody. None is elected here. */

import type { RoleState } from '../../model/role.js';

export interface Role {
  /** As far as is known at present. */
  readonly state: RoleState;
  /**
   * Says it from now on of these addresses of virtual services. Settles when it is known of them, or that it cannot be
   * known. Never rejects.
   */
  follow(vips: ReadonlySet<string>): Promise<void>;
  /** Nothing is told any more. Settles when all is let go of, within some seconds. */
  close(): Promise<void>;
}

export interface RoleOptions {
  /** `state` is another one. */
  readonly onChange: () => void;
}

/** Before anybody has been asked. */
export const notKnownYet: RoleState = { word: 'unknown', held: null, fault: null };

/** What it is for these addresses where some are held; without any address nothing can be told of them. */
export function heldOf(vips: ReadonlySet<string>, isHeld: (address: string) => boolean): RoleState {
  const held = new Set([...vips].filter(isHeld));
  return { word: held.size > 0 ? 'active' : 'passive', held, fault: null };
}
