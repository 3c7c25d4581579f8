/** Which fallbacks answer while no real server of their virtual is in use. */

import type { Fallback, Virtual } from '../../model/config.js';
import type { Evidence } from './standing.js';

/**
 * In their order the first that is up, or all that are. One that is not checked is; one without an address is not. Beside
 * one that the table does not take, which is wanted all the same, the next one serves.
 */
export function servingFallbacks(
  virtual: Virtual,
  { isUp, isRefused }: Pick<Evidence, 'isUp' | 'isRefused'>,
): readonly Fallback[] {
  const { fallbacks, fallbackcheck, fallbackuse } = virtual;
  const able = fallbacks.filter((one) => one.host.address !== null && (!fallbackcheck || isUp(one)));
  const taken = able.findIndex((one) => !isRefused(one));
  const serving = fallbackuse === 'all' || taken < 0 ? able : able.slice(0, taken + 1);
  // Most virtuals have one: the list that is there does for it.
  return serving.length === fallbacks.length ? fallbacks : serving;
}
