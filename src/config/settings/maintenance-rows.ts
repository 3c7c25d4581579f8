/** The sections `[maintenance NAME]` of the settings file: when which real servers are held out. One row a key. */

import type { Item } from './item.js';
import { defaultsOf, type Row, row } from './row.js';
import * as read from './values.js';

/** When which real servers are held out of the table. */
export interface MaintenanceWindow extends Item {
  /** As a file in `maintenancedir` is called; null is every real server of the virtual. */
  readonly server: string | null;
  /** `ADDRESS:PORT` or a firewall mark; null is every virtual. */
  readonly virtual: string | null;
  /** A cron expression of five fields; begins the window, which then lasts `duration` minutes. */
  readonly schedule: string | null;
  /** Minutes. */
  readonly duration: number | null;
  /** Milliseconds since 1970. */
  readonly drainAt: number | null;
  readonly returnAt: number | null;
  /** Null where nothing is said. */
  readonly reason: string | null;
}

const all = { words: 'all' } as const;
const never = { words: 'never' } as const;

export const windowRows: { readonly [K in Exclude<keyof MaintenanceWindow, keyof Item>]: Row<MaintenanceWindow[K]> } = {
  server: row(
    'server',
    null,
    'the real server, called as a file in `maintenancedir` is',
    read.name('a server, as 10.0.0.1:80'),
    all,
  ),
  virtual: row(
    'virtual',
    null,
    'the virtual service: `ADDRESS:PORT`, or the number of a firewall mark',
    read.name('ADDRESS:PORT or a firewall mark'),
    all,
  ),
  schedule: row('schedule', null, 'when the window begins, as a cron expression of five fields', read.fiveFields),
  duration: row('duration', null, 'how long it lasts then: `90`, `90m` or `2h`', read.duration),
  drainAt: row('drainat', null, 'when it begins, once: `2026-11-22 02:00`', read.moment),
  returnAt: row('returnat', null, 'when it ends after `drainat`', read.moment, never),
  reason: row('reason', null, 'why, shown wherever it is shown that a server is held', read.reason),
};

/** A window of which nothing is said but its name. */
export function windowCalled(name: string): MaintenanceWindow {
  return { name: name === '' ? 'maintenance' : name, places: {}, ...defaultsOf(windowRows) };
}

/** What keeps a window from ever beginning; null where nothing does. */
export function windowFaults(window: MaintenanceWindow): string | null {
  const { server, virtual, schedule, duration, drainAt, returnAt } = window;
  if (server === null && virtual === null) return 'a window needs server, virtual or both';
  if (schedule === null && drainAt === null) return 'a window needs schedule with duration, or drainat';
  if ((schedule === null) !== (duration === null)) return 'schedule and duration need each other';
  if (returnAt !== null && drainAt === null) return 'returnat needs drainat';
  return drainAt !== null && returnAt !== null && returnAt <= drainAt ? 'returnat is not after drainat' : null;
}
