/** Maintenance windows: whether one is open is a question to the clock alone, so that restarts and jumps are harmless. */

import type { MaintenanceWindow } from '../config/settings/maintenance-rows.js';
import type { RealServer, Virtual } from '../model/config.js';
import { earlier } from '../model/override.js';
import { isNamed } from '../model/subject.js';
import { calendarOf } from '../schedule/calendar.js';
import { isCalled } from './server-names.js';

export interface Window extends MaintenanceWindow {
  /** `now` in milliseconds since 1970. */
  readonly isOpen: (now: number) => boolean;
  /** When the window began that is open now; null where none is. */
  readonly openSince: (now: number) => number | null;
  /** When it may open or close next, in milliseconds since 1970; null is never. */
  readonly nextChange: (now: number) => number | null;
}

/** In milliseconds; what windows are counted in. */
const minute = 60_000;

export function windowOf(settings: MaintenanceWindow): Window {
  const { schedule, duration, drainAt, returnAt } = settings;
  const beginOf = schedule === null || duration === null ? () => null : recurrenceOf(schedule, duration);
  const openSince = (now: number): number | null => {
    if (drainAt !== null && now >= drainAt && (returnAt === null || now < returnAt)) return drainAt;
    const begin = beginOf(Math.floor(now / minute));
    return begin === null ? null : begin * minute;
  };
  const isOpen = (now: number): boolean => openSince(now) !== null;
  const nextChange = (now: number): number | null => {
    const ahead = [drainAt, returnAt].filter((at) => at !== null && at > now);
    // What recurs does so at full minutes.
    if (schedule !== null && duration !== null) ahead.push((Math.floor(now / minute) + 1) * minute);
    return ahead.reduce(earlier, null);
  };
  return { ...settings, isOpen, openSince, nextChange };
}

/**
 * The begin of the `duration` minutes of which a minute is one; null where it is of none. Minutes that were looked at are
 * not looked at again.
 */
function recurrenceOf(expression: string, duration: number): (minuteNow: number) => number | null {
  const begins = calendarOf(expression);
  let lookedUpTo = Number.NEGATIVE_INFINITY;
  let begin = Number.NEGATIVE_INFINITY;
  return (now) => {
    // A clock that was set back begins anew.
    if (now < lookedUpTo) [lookedUpTo, begin] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = now; at > Math.max(lookedUpTo, now - duration); at -= 1) {
      if (!begins((at - 1) * minute, at * minute)) continue;
      begin = at;
      break;
    }
    lookedUpTo = now;
    return now - begin < duration ? begin : null;
  };
}

/** Whether a window is about this server. */
export function concerns(window: MaintenanceWindow, virtual: Virtual, real: RealServer): boolean {
  const { server } = window;
  return isMeant(window, virtual) && (server === null || isCalled(real, server));
}

/** Whether a window is about servers of this virtual service. */
export function isMeant({ virtual: named }: MaintenanceWindow, virtual: Virtual): boolean {
  return named === null || isNamed(virtual, named);
}
