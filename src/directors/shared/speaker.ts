/** Which of several directors that are all active says for all of them what is about servers. */

import type { PresentPeer } from './peers.js';
import type { Presence } from './presence.js';

/**
 * The first by name of those that are ready, where it is another one; null where it is this one, or none of them is. Only
 * those with the same configuration say for each other what is about their services.
 */
export function speakerAmong(
  own: Pick<Presence, 'config' | 'ready'> & { readonly name: string },
  others: readonly PresentPeer[],
): string | null {
  const names = others.flatMap(({ name, presence: { role, ready, config } }) => {
    return role !== 'passive' && ready && config === own.config ? name : [];
  });
  const [first] = names.sort();
  return first === undefined || (own.ready && own.name < first) ? null : first;
}
