/**
 * Moments as people read them, in the time zone of this machine. By hand: the first text of `toLocaleString` in a process
 * takes some 15 ms.
 */

/** `2026-11-29 10:41:05`, of milliseconds since 1970. */
export function localTimeText(at: number): string {
  const date = new Date(at);
  const day = [String(date.getFullYear()).padStart(4, '0'), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())];
  return `${day.join('-')} ${localClockText(at)}`;
}

/** `10:41:05`. */
export function localClockText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
