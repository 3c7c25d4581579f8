/** Times on the command line. */

import { longestTime } from '../control/handlers.js';
import { usage } from './command.js';

const seconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds, 1 or more; undefined stays so. Throws a usage error. */
export function timeOf<T extends string | undefined>(option: string, text: T): number | Extract<T, undefined> {
  if (text === undefined) return undefined as Extract<T, undefined>;
  const match = /^(\d+)([smhd]?)$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * (seconds[match[2] ?? ''] ?? 0);
  if (value >= 1 && value <= longestTime) return value;
  throw usage(`${option}: must be seconds, or a time as 90s, 15m, 2h, 1d: '${text}'`);
}
