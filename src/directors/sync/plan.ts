/** Which synchronization daemons are to run, and what is to be done so that they do. Pure. */

import type { SyncSettings } from '../../config/settings/sync-rows.js';
import { addressText, addressWords } from '../../ipvs/address.js';
import type { DaemonState, SyncDaemon } from '../../ipvs/sync-daemon.js';

/** As it was asked for, or is to be. */
export interface AskedDaemon extends SyncDaemon {
  /** Of its interface; null where it was not known. */
  readonly number: number | null;
}

export interface SyncPlan {
  /** They go before others come: see `harmfulDaemons`. */
  readonly stop: readonly SyncDaemon[];
  readonly start: readonly AskedDaemon[];
  /** As they are to be, and ours from now on. */
  readonly stay: readonly AskedDaemon[];
  /** Somebody else's, in places that we do not need. */
  readonly foreign: readonly SyncDaemon[];
}

/** What the kernel takes where it is not said. */
const usual = { group: '224.0.0.81', port: 8848, ttl: 1 } as const;

/**
 * In the words of the kernel: what is not said is its own choice. Active is who holds any address; `number` is that of the
 * interface.
 */
export function wantedDaemons(settings: SyncSettings, isActive: boolean, number: number | null): AskedDaemon[] {
  const { sync, interface: name, id, group, port, ttl, maxlen } = settings;
  if (sync === 'no' || name === null) return [];
  const daemon = (state: DaemonState): AskedDaemon => ({
    state,
    interface: name,
    syncId: id,
    number,
    ...(maxlen !== null && { maxLength: maxlen }),
    ...(group !== null && { group: canonical(group) }),
    ...(port !== null && { port }),
    ...(ttl !== null && { ttl }),
  });
  return sync === 'both' ? [daemon('master'), daemon('backup')] : [daemon(isActive ? 'master' : 'backup')];
}

/**
 * Those that would do harm: where net.ipv4.vs.backup_only is set, a backup beside the master keeps this director from
 * balancing.
 */
export function harmfulDaemons(wanted: readonly SyncDaemon[], isBackupOnly: boolean): readonly SyncDaemon[] {
  return isBackupOnly && wanted.length > 1 ? wanted.filter(({ state }) => state === 'backup') : [];
}

/**
 * A daemon is ours where the run before wrote that down, or where it has the interface and the id of the settings,
 * whoever has started it. One that is not has to go where ours is to run in its place, and stays otherwise.
 */
export function planDaemons(
  wanted: readonly AskedDaemon[],
  { interface: name, id }: Pick<SyncSettings, 'interface' | 'id'>,
  found: readonly SyncDaemon[],
  own: readonly AskedDaemon[],
): SyncPlan {
  const stop: SyncDaemon[] = [];
  const stay: AskedDaemon[] = [];
  const foreign: SyncDaemon[] = [];
  for (const one of found) {
    const asked = own.find((daemon) => isSameRun(daemon, one));
    const place = wanted.find(({ state }) => state === one.state);
    if (place !== undefined && isSameRun(place, one) && isAsBefore(place, asked)) {
      // An interface that has gone for a while comes back as another one.
      stay.push({ ...place, number: place.number ?? asked?.number ?? null });
    } else if (place !== undefined || asked !== undefined || (one.interface === name && one.syncId === id)) {
      stop.push(one);
    } else foreign.push(one);
  }
  const standing = new Set(stay.map(({ state }) => state));
  return { stop, start: wanted.filter(({ state }) => !standing.has(state)), stay, foreign };
}

/** As far as the kernel does not tell. */
function isAsBefore(place: AskedDaemon, asked: AskedDaemon | undefined): boolean {
  if (asked === undefined) return true;
  const isOther = place.number !== null && asked.number !== null && place.number !== asked.number;
  return !isOther && (asked.maxLength ?? place.maxLength) === place.maxLength;
}

/** Whether this was asked of the one that runs. */
export function isSameRun(asked: SyncDaemon, found: SyncDaemon): boolean {
  const { group = usual.group, port = usual.port, ttl = usual.ttl } = found;
  return (
    asked.state === found.state &&
    asked.interface === found.interface &&
    asked.syncId === found.syncId &&
    (asked.maxLength === undefined || asked.maxLength === found.maxLength) &&
    (asked.group ?? usual.group) === group &&
    (asked.port ?? usual.port) === port &&
    (asked.ttl ?? usual.ttl) === ttl
  );
}

/** As the kernel’s answers are written. */
function canonical(group: string): string {
  return addressText(addressWords(group));
}
