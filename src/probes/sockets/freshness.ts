/**
 * For how long checks go by what an earlier one has left behind, be it a connection or a TLS session, before one of them
 * goes the whole way again as a client does that comes for the first time: a listener that takes nobody any more, or
 * another certificate, shows only there.
 */

/** Milliseconds. */
const lifetime = 60_000;
/** Uses, with the one that went the whole way: of a session checks, of a connection requests. */
const usesBound = 20;

/** Of what was begun then, as performance.now(), and has been used so often since. */
export function isFresh(began: number, uses: number, now: number): boolean {
  return uses < usesBound && now - began < lifetime;
}
