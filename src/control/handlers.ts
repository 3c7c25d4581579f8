/** What each verb of the control socket does. */

import { largestWeight } from '../overrides/by-hand.js';
import { briefVirtual } from '../status/brief.js';
import type { Recorded } from '../status/chronicle.js';
import type { Plan, PlanRequest } from '../status/outlook.js';
import type { Selection } from '../status/selection.js';
import { flagOf, numberOf, oneOf, selectionOf, targetOf, textOf, wishOf } from './arguments.js';
import type { Handler } from './connection.js';
import { type ControlledDirector, logLevels } from './director.js';
import { ControlError, type Request } from './protocol.js';

/** Seconds; a year. */
export const longestTime = 366 * 24 * 3600;
/** Events that can be asked for: all that are kept. */
const mostEvents = 1_000;

/** What each verb is given and answers, a sentence each for the documentation. */
export const controlVerbs = {
  list: '`server`, `virtual`, `search`, `states`, a list, or none of them: first the director, with `found`, the counts of what is asked for, then each virtual service with its servers; with `brief` what the text of a listing shows of it alone',
  ready: 'whether this director could take over from another one: `ready`, and in `because` why not',
  plan: '`text` of a file that is called `name`, or null for that of the daemon, `strict`: first `diagnostics`, what the file is warned of, then what a reload would change, by service',
  names: 'what servers are called, by name and by address, as a list of texts',
  events: '`last`: how many at most; `follow`: go on with those to come. Each `{number, at, event}`, or `{lost}`',
  explain: '`server`, `virtual`: everything about a server in each virtual',
  drain:
    '`server`, `virtual`, `reason`, `user`, `force`: weight 0; answers when the table has it, or with why it has not in `missing` of a server',
  undrain: '`server`, `virtual`, `reason`, `user`: the end of that, likewise; `ended` of a server is how it was held',
  weight:
    '`server`, `virtual`, `weight` or null for the file’s, `for` in seconds, `reason`, `user`, `force`, as with `drain`',
  handover:
    '`reason`, `user`, `force`: clients go to other directors; or with `undo` they may come again. Answers once whoever announces has been told, with `announcements` of addresses; a `fault` of one is why not',
  directors:
    'first what directors share, as this one sees it, then each director: what it says of itself, and in what it differs from this one; refused where there is no store',
  connections:
    '`server`, `virtual`: what each other director still has of connections to it, `{director, isThere, left, open}`; `left` is null until it has said so, which it does for as long as it is asked',
  'plan-director': '`director`: what would have to change in this table for it to be that one’s, by service',
  'check-now': '`server`, `virtual`: runs its checks and answers with their results',
  reload:
    'takes the file over, or says why not; `diagnostics` is what both files are warned of, `missing` what the table does not have of it yet, and why',
  'log-level': '`level` or null for the settings’, `for` in seconds',
} as const;
type ControlVerb = keyof typeof controlVerbs;

/** Each request is carried out by its verb. */
export function handlerOf(director: ControlledDirector): Handler {
  const verbs = verbsOf(director);
  return (request, signal, peer) => {
    if (!Object.hasOwn(verbs, request.verb)) {
      throw new ControlError('no-such-verb', `no such verb; there are ${Object.keys(verbs).join(', ')}`);
    }
    return verbs[request.verb as ControlVerb](request, signal, peer);
  };
}

function verbsOf(director: ControlledDirector): Readonly<Record<ControlVerb, Handler>> {
  const { steering } = director;
  return {
    list: (request) => list(director, selectionOf(request), flagOf(request, 'brief')),
    ready: async function* () {
      const because = director.unready();
      yield { ready: because.length === 0, because };
    },
    plan: (request) => streamPlan(director.plan(planOf(request))),
    names: async function* () {
      const { virtuals } = await director.stream({});
      const names = new Set<string>();
      for await (const { servers } of virtuals) {
        for (const { name, called } of servers) names.add(called).add(name);
      }
      yield [...names];
    },
    events: (request, signal) => {
      const last = numberOf(request, 'last', 0, mostEvents) ?? mostEvents;
      return flagOf(request, 'follow') ? follow(director, last, signal) : recent(director, last);
    },
    explain: (request) => each(director.explain(targetOf(request))),
    drain: async function* (request, _, peer) {
      yield await steering.drain(targetOf(request), await wishOf(request, peer));
    },
    undrain: async function* (request, _, peer) {
      yield await steering.undrain(targetOf(request), await wishOf(request, peer));
    },
    weight: async function* (request, _, peer) {
      const weight = numberOf(request, 'weight', 0, largestWeight);
      yield await steering.setWeight(targetOf(request), weight, untilOf(request), await wishOf(request, peer));
    },
    handover: async function* (request, _, peer) {
      const wish = await wishOf(request, peer);
      const { handover } = director;
      yield await (flagOf(request, 'undo') ? handover.takeBack(wish) : handover.handOver(wish));
    },
    directors: () => listDirectors(director),
    connections: async function* (request) {
      yield* director.connectionsElsewhere(targetOf(request));
    },
    'plan-director': (request) => each(director.planToward(textOf(request, 'director'))),
    'check-now': (request) => each(director.checkNow(targetOf(request))),
    reload: () => one(director.reload()),
    'log-level': async function* (request) {
      const level = request.given['level'] === null ? null : oneOf(request, 'level', logLevels);
      director.setLogLevel(level, untilOf(request));
      yield { level };
    },
  };
}

async function* list(director: ControlledDirector, selection: Selection, isBrief: boolean): AsyncGenerator<unknown> {
  const { head, found, virtuals } = await director.stream(selection);
  yield { ...head, found };
  for await (const virtual of virtuals) yield isBrief ? briefVirtual(virtual) : virtual;
}

async function* listDirectors(director: ControlledDirector): AsyncGenerator<unknown> {
  const shared = director.shared();
  if (shared === null) throw new ControlError('refused', 'there is no store: directors share nothing without [store]');
  const { directors, ...head } = shared;
  yield head;
  yield* directors;
}

/** First whether the file can be taken, then a line for each service: none is as long as all. */
async function* streamPlan(plan: Promise<Plan>): AsyncGenerator<unknown> {
  const made = await plan;
  if (!made.ok) {
    yield made;
    return;
  }
  const { services, ...head } = made;
  yield head;
  yield* services;
}

async function* recent({ chronicle }: ControlledDirector, last: number): AsyncGenerator<unknown> {
  if (last > 0) yield* chronicle.recent().slice(-last);
}

/** Whoever reads more slowly than things happen misses the oldest, and is told how many. */
async function* follow({ chronicle }: ControlledDirector, last: number, signal: AbortSignal): AsyncGenerator<unknown> {
  let wake = (): void => {};
  const unfollow = chronicle.follow(() => wake());
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    let pending: readonly Recorded[] = last > 0 ? chronicle.recent().slice(-last) : [];
    let told = pending[0] ? pending[0].number - 1 : chronicle.last;
    while (!signal.aborted) {
      for (const recorded of pending) {
        const lost = recorded.number - told - 1;
        if (lost > 0) yield { lost };
        told = recorded.number;
        yield recorded;
      }
      if (chronicle.last === told && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      // A few at a time: what is kept of them meanwhile would outlive its place among the recent ones.
      pending = chronicle.recent(told).slice(0, portion);
    }
  } finally {
    unfollow();
  }
}

async function* each(items: Promise<readonly unknown[]>): AsyncGenerator<unknown> {
  yield* await items;
}

async function* one(item: Promise<unknown>): AsyncGenerator<unknown> {
  yield await item;
}

const portion = 100;

function planOf(request: Request): PlanRequest {
  const { text = null } = request.given;
  if (text !== null && typeof text !== 'string') throw new ControlError('bad-request', '"text" must be text or null');
  return { text, strict: flagOf(request, 'strict'), name: text === null ? null : textOf(request, 'name') };
}

function untilOf(request: Request): number | null {
  const seconds = numberOf(request, 'for', 1, longestTime);
  return seconds === null ? null : Date.now() + seconds * 1000;
}
