/** A worker: runs the checks that it is given, and tells what is new of them. In whichever thread it is. */

import * as agentNews from '../health/agent-news.js';
import { type Health, isNews, judge, type Policy, paceOf, remember, startHealth, type Told } from '../health/policy.js';
import { keepAtMost } from '../probes/keeping.js';
import { type Check, type CheckResult, isAgentQuestion, type ProbeResult } from '../probes/probe.js';
import { beginCheck, expectCheck } from '../probes/run-check.js';
import { receivedCheck } from '../probes/server-check.js';
import { Book } from './account.js';
import type { Interest } from './assignment.js';
import { DoingNotes } from './doing.js';
import { type Order, type Report, sumsEvery, type Task } from './messages.js';
import { CheckScheduler } from './scheduler.js';
import { Tallies } from './tallies.js';
import { firstCheckSpacing } from './timing.js';

/** The health of whom it decides about, by the policy that takes longest. */
interface Paced {
  readonly paces: NonNullable<Check['paces']>;
  health: Health;
}

/** What is new of results, and what is to be remembered for that. */
type News = Pick<typeof agentNews, 'isNews' | 'remember'>;
const checkNews: News = { isNews, remember };

interface Watched {
  interest: Interest;
  readonly news: News;
  told: Told | null;
  readonly account: Book;
  /** What is asked at which pace; null where that is one pace. */
  readonly paced: Paced | null;
  /** Milliseconds. */
  readonly interval: number;
  /** Among the tallies. */
  readonly place: number;
}

export interface Listener {
  readonly tell: (report: Report) => void;
  /** Lets go of what probes keep. */
  readonly release: () => Promise<void>;
  readonly onClosed: () => void;
}

/** Returns what it is to be given orders by. */
export function work(
  { tell, release, onClosed }: Listener,
  { limits, doing, tallies: memory }: Task,
): (order: Order) => void {
  const tallies = new Tallies(memory);
  keepAtMost(limits.keeping);
  let latest: Check | null = null;
  let news: [number, CheckResult][] = [];

  /** Results that come together travel together. */
  const flush = (): void => {
    const results = news;
    news = [];
    tell({ type: 'news', results });
  };
  const onResult = (id: number, result: ProbeResult, check: Watched, now: number): number | null => {
    const at = Date.now();
    const streak = tallies.note(check.place, id, result.ok, at);
    check.account.note(result, at);
    const isTold = check.interest.every || check.news.isNews(check.told, result, streak, check.interest.policy, now);
    check.told = check.news.remember(check.told, result, isTold, now);
    if (isTold) {
      if (news.length === 0) setImmediate(flush);
      news.push([id, { ...result, streak }]);
    }
    const pause = check.paced && nextPause(check.paced, { ...result, streak }, check.interest.policy);
    const { slower } = check.interest;
    return slower === undefined ? pause : (pause ?? check.interval) * slower;
  };
  const scheduler = new CheckScheduler({ run: beginCheck, onResult, limits, doing: new DoingNotes(doing) });
  const beat = setInterval(() => tell({ type: 'sums', sums: scheduler.takeSums() }), sumsEvery);

  const obey = async (order: Order): Promise<void> => {
    switch (order.type) {
      case 'begin':
        for (const { id, check: sent, interest, place, first, origin } of order.checks) {
          const general = 'general' in sent ? sent.general : sent;
          if (latest !== null && latest !== general) shareTexts(general, latest);
          latest = general;
          const check = receivedCheck(sent);
          expectCheck(check);
          const news = isAgentQuestion(check.type) ? agentNews : checkNews;
          const paced = pacedBy(check, interest.policy);
          const { interval } = check;
          const subject: Watched = { interest, news, told: null, account: new Book(), place, paced, interval };
          scheduler.add(id, check, { first, origin }, subject);
        }
        break;
      case 'end':
        for (const id of order.ids) scheduler.remove(id);
        break;
      case 'tell':
        for (const [id, interest] of order.interests) {
          const check = scheduler.subjectOf(id);
          if (check === null) continue;
          check.interest = interest;
          check.told = null;
        }
        break;
      case 'hurry':
        for (const [index, id] of order.ids.entries()) scheduler.hurry(id, index * firstCheckSpacing);
        break;
      case 'ask': {
        const { question, id } = order;
        tell({ type: 'account', question, account: scheduler.subjectOf(id)?.account ?? null });
        break;
      }
      case 'limits':
        scheduler.limits = order.limits;
        keepAtMost(order.limits.keeping);
        break;
      case 'close':
        clearInterval(beat);
        await scheduler.close();
        await release();
        onClosed();
    }
  };
  tell({ type: 'sums', sums: scheduler.takeSums() });
  return (order) => void obey(order);
}

function pacedBy({ paces }: Check, policy: Policy): Paced | null {
  return paces && { paces, health: startHealth(policy, () => false) };
}

/** Milliseconds; null is the check's own interval. */
function nextPause(paced: Paced, result: CheckResult, policy: Policy): number | null {
  paced.health = judge(paced.health, result, policy).health;
  const pace = paceOf(paced.health);
  return pace === 'steady' ? null : paced.paces[pace];
}

/** Checks say much the same, and a message brings each text anew: the second one becomes the first. */
function shareTexts<T extends object>(second: T, first: T): void {
  for (const key of Object.keys(second) as (keyof T)[]) {
    if (second[key] === first[key]) second[key] = first[key];
  }
}
