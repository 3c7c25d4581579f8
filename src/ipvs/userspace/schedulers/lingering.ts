/**
 * Connections of one candidate that have ended, for as long as the kernel would still count them: as inactive ones, in
 * FIN_WAIT or TIME_WAIT for two minutes (tcp_timeouts in ip_vs_proto_tcp.c). The balancer forgets a connection as soon
 * as both of its ends are gone. Without them whoever is first among those with equally little to do would get everything
 * from clients that come one after another.
 *
 * A scheduler is not told of ends: they are seen in the counts that fall.
 */

/** Milliseconds that an ended connection counts. */
const STAY = 120_000;
/** How many steps those are forgotten in. */
const STEPS = 12;
const STEP = STAY / STEPS;

/** The step that this moment is in. */
export function stepAt(now: number): number {
  return Math.floor(now / STEP);
}

export class Lingering {
  /** How many connections it is to have, the last chosen one included. */
  #expected: number;
  /** Those that ended in each of the last steps, by the step modulo their number. */
  readonly #ended = new Array<number>(STEPS).fill(0);
  #sum = 0;
  #step = 0;

  constructor(total: number) {
    this.#expected = total;
  }

  /** How many there are, where `total` stand. */
  count(total: number, step: number): number {
    if (this.#sum > 0 && step > this.#step) this.#forget(step);
    const gone = this.#expected - total;
    // More than expected are those that came without a choice, by persistence.
    this.#expected = total;
    if (gone > 0) this.#add(gone, step);
    return this.#sum;
  }

  /** One more connection begins. */
  begin(total: number, step: number): void {
    this.count(total, step);
    this.#expected++;
  }

  #add(gone: number, step: number): void {
    const index = step % STEPS;
    this.#ended[index] = (this.#ended[index] ?? 0) + gone;
    this.#sum += gone;
    this.#step = step;
  }

  #forget(step: number): void {
    for (let past = Math.max(this.#step + 1, step - STEPS + 1); past <= step; past++) {
      this.#sum -= this.#ended[past % STEPS] ?? 0;
      this.#ended[past % STEPS] = 0;
    }
    this.#step = step;
  }
}
