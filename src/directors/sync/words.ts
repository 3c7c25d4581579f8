/** What is said of synchronization daemons. */

import type { SyncDaemon } from '../../ipvs/sync-daemon.js';

export function daemonWords({ interface: name, syncId, group, port }: SyncDaemon): string {
  const where = group === undefined ? '' : `, ${group}${port === undefined ? '' : ` port ${port}`}`;
  return `${name}, id ${syncId}${where}`;
}

/** Why one could not be started, and what to do. */
export function startFailure({ state, interface: name }: SyncDaemon, code: string, message: string): string {
  switch (code) {
    case 'ENODEV':
      return `there is no interface ${name}: name one that there is in [sync], or make it`;
    case 'ENETUNREACH':
      return `nothing can be sent on ${name}: it is down, or has no IPv6 for a group of IPv6: ip link set ${name} up`;
    case 'EEXIST':
      return `somebody else started a ${state} at the same moment: does keepalived have lvs_sync_daemon?`;
    default:
      return message;
  }
}
