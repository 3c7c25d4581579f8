/**
 * How an address of services is announced: `well` while it is healthy, `ill` where it is announced all the same, `leaving`
 * while clients are to go to another director.
 */
export const announcedWays = ['well', 'ill', 'leaving'] as const;
export type Announced = (typeof announcedWays)[number];
