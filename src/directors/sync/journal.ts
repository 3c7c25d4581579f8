/** Which synchronization daemons are ours, for the next start: as they were asked for. */

import { type OwnJournal, ownJournal } from '../../system/own-journal.js';
import type { AskedDaemon } from './plan.js';

export type SyncJournal = OwnJournal<AskedDaemon>;

export function syncJournal(path: string): SyncJournal {
  return ownJournal(path, { word: 'sync', property: 'daemons', called: 'synchronization daemons', isOwn });
}

/** Of a daemon that keeps nothing for the next. */
export const noSyncJournal: SyncJournal = { read: async () => ({ own: [], fault: null }), write: async () => {} };

function isOwn(found: unknown): found is AskedDaemon {
  const { state, interface: name, syncId, number, ...more } = (found ?? {}) as Partial<AskedDaemon>;
  const isNumber = (value: unknown): boolean => value === undefined || Number.isInteger(value);
  return (
    (state === 'master' || state === 'backup') &&
    typeof name === 'string' &&
    Number.isInteger(syncId) &&
    (number === null || Number.isInteger(number)) &&
    (more.group === undefined || typeof more.group === 'string') &&
    [more.maxLength, more.port, more.ttl].every(isNumber)
  );
}
