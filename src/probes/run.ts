/** Runs a probe so that it ends in time, whatever it does. */

import { isNegotiated } from '../config/check-types.js';
import { monotonic } from '../system/clock.js';
import { CheckSignal } from './check-signal.js';
import { guarded } from './confinement.js';
import { DeadlineExceeded, printable } from './failure.js';
import { probeFor, type Stage } from './index.js';
import { type Check, type Ending, isAgentQuestion, type Probe, type ProbeAnswer, type ProbeResult } from './probe.js';
import { stoodStill } from './standstill.js';
import { fewSlots, Timed, TimerWheel } from './timer-wheel.js';
import { expectSearches } from './wire/bounded-search.js';
import { redact } from './wire/secrets.js';

/** Milliseconds for a probe to clean up after its deadline. */
const grace = 1000;
/** The longest time that a timer takes; beyond, it would fire at once. */
const longestTimer = 2 ** 31 - 1 - grace;

/** Who is told what came of a probe: once, and never before what began it has returned. */
export type Told = (result: ProbeResult) => void;

/**
 * Never rejects, and settles at the latest one second after the check's timeout, or after the signal is aborted: who
 * does that does not want the result any more. Time for which this thread stood still is given again, once, and no more
 * than the timeout. A signal is for one run.
 */
export function runProbe(check: Check, stage: Stage, signal = new CheckSignal()): Promise<ProbeResult> {
  return new Promise((told) => beginProbe(check, stage, signal, told));
}

/** The same without a promise. */
export function beginProbe(check: Check, stage: Stage, signal: CheckSignal, told: Told): void {
  const negotiates = stage === 'negotiate' && !isAgentQuestion(check.type) && isNegotiated(check.type);
  const timeout = negotiates ? check.negotiateTimeout : check.checkTimeout;
  begin(probeFor(check, stage), new Run(check, Math.min(timeout, longestTimer), signal, told));
}

/** To be called when a probe is to be run from now on: what takes some time to begin is begun. */
export function expectProbe({ receive }: Pick<Check, 'receive'>): void {
  if (receive !== null) expectSearches(receive.regex);
}

/** Runs one probe with a deadline in milliseconds from now. */
export function runBounded(
  probe: Probe,
  check: Check,
  timeout: number,
  signal = new CheckSignal(),
): Promise<ProbeResult> {
  return new Promise((told) => begin(probe, new Run(check, timeout, signal, told)));
}

function begin(probe: Probe, run: Run): void {
  const { check, signal } = run;
  try {
    if (probe.begin !== undefined) {
      probe.begin(check, signal, run);
    } else {
      probe(check, signal).then(
        (answer) => run.settle(answer),
        (error) => run.broken(error),
      );
    }
  } catch (error) {
    run.broken(error);
  }
}

/** What is under way, by when its time is over. */
const deadlines = new TimerWheel<Run>((run) => run.expire(), fewSlots);

/** Ended, and not told yet: all together when what ended them has returned, since whoever is told begins others. */
let ended: Run[] = [];

const tellAll = guarded(() => {
  const runs = ended;
  ended = [];
  for (const run of runs) run.tell();
});

/** One probe under way. */
class Run extends Timed implements Ending {
  readonly check: Check;
  readonly signal: CheckSignal;
  readonly #told: Told;
  readonly #timeout: number;
  readonly #started: number;
  /** When the wait for the deadline, or that after it, began. */
  #before: number;
  #isExtended = false;
  #isOverdue = false;
  #result: ProbeResult | null = null;

  constructor(check: Check, timeout: number, signal: CheckSignal, told: Told) {
    const now = monotonic();
    super(now + timeout);
    this.check = check;
    this.signal = signal;
    this.#told = told;
    this.#timeout = timeout;
    this.#started = now;
    this.#before = stoodStill(now);
    if (signal.aborted) {
      this.handleEvent();
    } else {
      signal.addEventListener('abort', this);
      deadlines.add(this);
    }
  }

  /** The time is over; what of it this thread stood still for is added, once, and no more than it was. */
  expire(): void {
    const allowed = this.#isOverdue ? grace : this.#timeout;
    const still = this.#isExtended ? 0 : Math.min(stoodStill() - this.#before, allowed);
    if (still > 0) {
      this.#isExtended = true;
      this.due = monotonic() + still;
      deadlines.add(this);
    } else if (this.#isOverdue) {
      this.settle({ ok: null, reason: `internal: the probe did not end ${grace / 1000} s after its deadline` });
    } else {
      this.signal.abort(new DeadlineExceeded(this.#timeout));
    }
  }

  /** The signal has aborted: the probe is to end soon. */
  handleEvent(): void {
    deadlines.remove(this);
    this.#isOverdue = true;
    this.#isExtended = false;
    this.#before = stoodStill();
    this.due = monotonic() + grace;
    deadlines.add(this);
  }

  settle({ ok, reason }: ProbeAnswer): void {
    if (this.#result !== null) return;
    deadlines.remove(this);
    this.signal.removeEventListener('abort', this);
    const duration = monotonic() - this.#started;
    this.#result = { ok, reason: redact(reason, this.check), duration };
    if (ok === null) {
      // By itself: what it was that hindered it can have something to say before.
      queueMicrotask(guarded(() => this.tell()));
      return;
    }
    if (ended.length === 0) queueMicrotask(tellAll);
    ended.push(this);
  }

  /** A defect of this program, as a module that cannot be loaded: it says nothing about the server. */
  broken(error: unknown): void {
    this.settle({ ok: null, reason: `internal: ${printable(String(error))}` });
  }

  tell(): void {
    if (this.#result !== null) this.#told(this.#result);
  }
}
