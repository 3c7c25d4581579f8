/** Which fallbacks answer while no real server of their virtual is in use. */

import type { Fallback, Virtual } from '../model/config.js';
import type { Evidence } from './standing.js';

/** In their order the first that is up, or all that are. One that is not checked is; one without an address is not. */
export function servingFallbacks(virtual: Virtual, isUp: Evidence['isUp']): readonly Fallback[] {
  const { fallbacks, fallbackcheck, fallbackuse } = virtual;
  const able = fallbacks.filter((one) => one.host.address !== null && (!fallbackcheck || isUp(one)));
  const serving = fallbackuse === 'all' ? able : able.slice(0, 1);
  // Most virtuals have one: the list that is there does for it.
  return serving.length === fallbacks.length ? fallbacks : serving;
}
