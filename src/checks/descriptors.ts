/**
 * How many descriptors checks may take. One that is missing shows anywhere: no connection of the status page, no log,
 * no program, no check of a server. So they are shared out, and what is not given away is for everything else.
 */

export interface Descriptors {
  /** Checks under way; most take one descriptor. */
  readonly underWay: number;
  /** Connections that are kept from one check to the next. */
  readonly kept: number;
  /** Sockets of each family that wait for the next check. */
  readonly spare: number;
}

const shares = { underWay: 1 / 2, kept: 1 / 4, spare: 1 / 16 } as const;

/** Of all that this process may have open. */
export function shareDescriptors(limit: number): Descriptors {
  const part = (share: number): number => Math.max(1, Math.floor(limit * share));
  return { underWay: part(shares.underWay), kept: part(shares.kept), spare: part(shares.spare) };
}
