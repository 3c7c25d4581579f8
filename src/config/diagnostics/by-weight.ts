/** What the kernel's own schedulers make of weights (ipvsadm(8)). */

/** By whose weights a server can be given more or less of the traffic. */
export const growing = ['wrr', 'wlc', 'sed', 'nq', 'twos', 'lblc', 'lblcr'];

/** Why a server cannot with the others. */
export const growthRefusals: ReadonlyMap<string, string> = new Map([
  ...['rr', 'lc', 'dh'].map((name): [string, string] => [name, 'does not go by weights']),
  ['fo', 'takes weights for an order'],
  ['ovf', 'takes weights for a limit'],
  ...['sh', 'mh'].map((name): [string, string] => [name, 'would move clients with each step']),
]);
