/** What the kernel's error numbers are called, and mean. */

import { getSystemErrorMap } from 'node:util';
import type { NetlinkAnswer } from './messages.js';

/** ENOENT and the like; EIO for a number that has no name. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? 'EIO';
}

/** What the platform says about the number, and what the kernel said of the case. */
export function reasonOf({ errno, text }: NetlinkAnswer): string {
  const reason = getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
  return text === null ? reason : `${reason} (the kernel says: ${text})`;
}
