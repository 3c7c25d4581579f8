/** What is counted of the events from the start of the process on: one more reader of them. */

import type { CheckSums } from '../../events/checking.js';
import type { Event, Listener } from '../../events.js';
import { type Subject, subjectKey, type VirtualSubject, virtualKey } from '../../model/subject.js';
import { Durations } from './durations.js';

/** How often a server came up and went down. */
export interface Transitions {
  readonly up: number;
  readonly down: number;
}

/** Servers whose transitions are counted, also over many reloads; those that changed longest ago go first. */
const remembered = 200_000;
const none: Transitions = { up: 0, down: 0 };
/** Of most of a hundred thousand servers this is all: one object for them. */
const cameUp: Transitions = { up: 1, down: 0 };

export class Counters {
  readonly checks = { ok: 0, failed: 0, withoutVerdict: 0, skipped: 0 };
  /** Of the last second. */
  underWay: Pick<CheckSums, 'running' | 'waiting'> = { running: 0, waiting: 0 };
  readonly duration = new Durations();
  readonly lateness = new Durations();
  readonly steps = { read: new Durations(), plan: new Durations(), apply: new Durations() };
  readonly reloads = { success: 0, failure: 0 };
  /** By object and action. */
  readonly changes = new Map<string, { readonly object: string; readonly action: string; count: number }>();
  tableInOrder = false;
  tableFailures = 0;
  drifts = 0;
  /** Whether all checks fail since about the same time. */
  allFailing = false;
  workersReplaced = 0;
  logLinesLost = 0;
  mailsFailed = 0;
  commandsFailed = 0;
  readonly #transitions = new Map<string, Transitions>();

  readonly listener: Listener = (event) => {
    switch (event.type) {
      case 'checks-summed':
        this.#takeSums(event);
        break;
      case 'table-kept':
        this.tableInOrder = event.ok;
        if (event.read !== null) this.steps.read.observe(event.read);
        this.steps.plan.observe(event.plan);
        if (event.operations > 0) this.steps.apply.observe(event.apply);
        break;
      case 'table-changed':
        this.#countChange(event.change);
        break;
      case 'table-failed':
        this.tableInOrder = false;
        this.tableFailures += 1;
        break;
      case 'table-drifted':
        this.drifts += event.objects.length;
        break;
      case 'server-up':
      case 'fallback-up':
        this.#countTransition(event, 'up');
        break;
      case 'server-down':
      case 'fallback-down':
        this.#countTransition(event, 'down');
        break;
      case 'config-loaded':
        this.reloads.success += 1;
        break;
      case 'config-rejected':
        this.reloads.failure += 1;
        break;
      case 'director-isolated':
      case 'director-reaches':
        this.allFailing = event.type === 'director-isolated';
        break;
      case 'worker-replaced':
        this.workersReplaced += 1;
        break;
      case 'log-failed':
      case 'log-restored':
        this.logLinesLost += event.lost;
        break;
      case 'mail-failed':
        this.mailsFailed += 1;
        break;
      case 'command-ended':
        if (!event.ok) this.commandsFailed += 1;
        break;
      default:
    }
  };

  /** Of the servers of a virtual service, by name: its part of their keys is the same. */
  transitionsIn(virtual: VirtualSubject): (server: string, role?: 'fallback') => Transitions {
    const opening = `${virtualKey(virtual)} `;
    return (server, role) =>
      this.#transitions.get(role === undefined ? opening + server : `${opening}${server} ${role}`) ?? none;
  }

  #takeSums({ sums, spreads }: Extract<Event, { type: 'checks-summed' }>): void {
    this.checks.ok += sums.ok;
    this.checks.failed += sums.failed;
    this.checks.withoutVerdict += sums.withoutVerdict;
    this.checks.skipped += sums.skipped;
    this.underWay = { running: sums.running, waiting: sums.waiting };
    this.duration.add(spreads.duration);
    this.lateness.add(spreads.lateness);
  }

  #countChange({ object, action }: Extract<Event, { type: 'table-changed' }>['change']): void {
    const key = `${object} ${action}`;
    const known = this.changes.get(key);
    if (known === undefined) this.changes.set(key, { object, action, count: 1 });
    else known.count += 1;
  }

  #countTransition(subject: Subject, to: keyof Transitions): void {
    const key = subjectKey(subject);
    const known = this.#transitions.get(key);
    this.#transitions.delete(key);
    this.#transitions.set(key, known === undefined && to === 'up' ? cameUp : oneMore(known ?? none, to));
    const [oldest] = this.#transitions.keys();
    if (this.#transitions.size > remembered && oldest !== undefined) this.#transitions.delete(oldest);
  }
}

function oneMore({ up, down }: Transitions, to: keyof Transitions): Transitions {
  return to === 'up' ? { up: up + 1, down } : { up, down: down + 1 };
}
