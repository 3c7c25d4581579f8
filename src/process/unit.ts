/** Which unit of systemd runs another process. */

import { readFile } from 'node:fs/promises';

/**
 * The unit whose manager the process reports to, as `ldirectord.service`; null where there is none, or where this
 * process may not know. A process that somebody started from within a unit, a shell of cron's for instance, is not
 * the unit's own: the manager gave its socket (sd_notify(3)) to none of these.
 */
export async function unitOf(pid: number): Promise<string | null> {
  const [environment, groups] = await Promise.all(
    ['environ', 'cgroup'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
  );
  const isManaged = environment?.split('\0').some((variable) => variable.startsWith('NOTIFY_SOCKET='));
  return isManaged ? unitIn(groups ?? '') : null;
}

/** The unit that a process is in, by its control groups as cgroups(7) describes `/proc/PID/cgroup`. */
export function unitIn(groups: string): string | null {
  // Version 2 has one line; in version 1 systemd's own hierarchy has a name.
  const path = /^\d+:name=systemd:(.*)$/m.exec(groups)?.[1] ?? /^0::(.*)$/m.exec(groups)?.[1] ?? '';
  return path.split('/').findLast((part) => part.endsWith('.service')) ?? null;
}
