/** How long to rest between two looks at sockets that no event of Node tells of. */

/** Milliseconds. */
export const shortestPause = 1;
const longestPause = 16;
/** An answer is seen late by this part of the time that it took, at most. */
const pauseShare = 1 / 4;

/**
 * Milliseconds until the next look, when the youngest wait has taken so many already: servers that never answer cost
 * next to nothing.
 */
export function pauseAfter(waited: number): number {
  return Math.min(Math.max(Math.trunc(waited * pauseShare), shortestPause), longestPause);
}
