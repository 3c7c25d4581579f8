/** What probes keep from one check to the next, and who lets go of it. */

const releases: (() => void | Promise<void>)[] = [];

/** For whoever keeps something in this thread, when it is loaded. Called again and again, for what was kept since. */
export function atRelease(release: () => void | Promise<void>): void {
  releases.push(release);
}

/**
 * Lets go of everything that is kept: connections and what they are watched with, Perl processes, sockets for pings.
 * For the end of this thread or process, when no probe runs any more; nothing of it would hold that up.
 */
export async function releaseKept(): Promise<void> {
  // What was loaded last may stand on what was loaded before.
  for (const release of releases.toReversed()) await release();
}
