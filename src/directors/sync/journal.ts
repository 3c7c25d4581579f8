/** Which synchronization daemons are ours, for the next start: as they were asked for. */

import type { SyncDaemon } from '../../ipvs/sync-daemon.js';
import { type OwnJournal, ownJournal } from '../../system/own-journal.js';

export type SyncJournal = OwnJournal<SyncDaemon>;

export function syncJournal(path: string): SyncJournal {
  return ownJournal(path, { word: 'sync', property: 'daemons', called: 'synchronization daemons', isOwn });
}

/** Of a daemon that keeps nothing for the next. */
export const noSyncJournal: SyncJournal = { read: async () => ({ own: [], fault: null }), write: async () => {} };

function isOwn(found: unknown): found is SyncDaemon {
  const { state, interface: name, syncId, ...more } = (found ?? {}) as Partial<SyncDaemon>;
  const isNumber = (value: unknown): boolean => value === undefined || Number.isInteger(value);
  return (
    (state === 'master' || state === 'backup') &&
    typeof name === 'string' &&
    Number.isInteger(syncId) &&
    (more.group === undefined || typeof more.group === 'string') &&
    [more.maxLength, more.port, more.ttl].every(isNumber)
  );
}
