/** What the director needs so that the other one hears of connections that stand still. */

import type { SyncSettings } from '../../config/settings/sync-rows.js';
import type { Wanted } from '../need.js';

export type SyncAsked = Pick<SyncSettings, 'sync' | 'refresh'>;

/** The kernel tells of a connection as packets pass; of one without any it tells in this period alone. */
export function syncNeeds({ sync, refresh }: SyncAsked): Wanted[] {
  if (sync === 'no' || refresh === null) return [];
  const key = 'net.ipv4.vs.sync_refresh_period';
  const need = { kind: 'sysctl', key, value: String(refresh), also: [], beside: [] } as const;
  return [{ need, code: 'connections-not-refreshed', for: [] }];
}
