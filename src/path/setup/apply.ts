/** Plans carried out on many machines: the journal says what is to be done before the first of them is changed. */

import type { Need } from '../need.js';
import type { Shell } from '../shell.js';
import type { Fleet, Going, Site } from './fleet.js';
import { type Entry, type Journal, writeJournal } from './journal.js';
import type { Plan } from './plan.js';
import { type Applied, applySteps, type Undone, undoSteps } from './run.js';

export interface Planned extends Site {
  /** Other names under which the journal has it. */
  readonly alias: readonly string[];
  readonly plan: Plan;
  readonly needs: readonly Need[];
}

export interface Outcome<R> extends Site {
  /** Null where it was not begun. */
  readonly result: R | null;
}

/** Of each that has steps. */
export async function applyAll(
  path: string,
  journal: Journal,
  all: readonly Planned[],
  fleet: Fleet,
  going: Going,
): Promise<readonly Outcome<Applied>[]> {
  const changing = all.filter(({ plan }) => plan.steps.length > 0);
  if (changing.length === 0) return [];
  const entries = new Map(journal.entries.map((entry) => [entry.server, entry]));
  for (const { server, addresses, alias, plan } of changing) {
    for (const name of alias) entries.delete(name);
    entries.set(server, { server, addresses, steps: [...plan.kept, ...plan.steps] });
  }
  const written = await writeJournal(path, { ...journal, entries: [...entries.values()] });
  const outcomes = await onEach(fleet, changing, going, (shell, { plan, needs }) => {
    return applySteps(shell, plan, needs, going.signal);
  });
  for (const [index, { result }] of outcomes.entries()) {
    const one = changing[index];
    if (one === undefined || (result !== null && result.state !== 'taken-back')) continue;
    const { server, addresses, plan } = one;
    if (plan.kept.length === 0) entries.delete(server);
    else entries.set(server, { server, addresses, steps: plan.kept });
  }
  await writeJournal(path, { ...written, entries: [...entries.values()] });
  return outcomes;
}

/** What was taken back is out of the journal then. */
export async function undoAll(
  path: string,
  journal: Journal,
  all: readonly Entry[],
  fleet: Fleet,
  going: Going,
): Promise<readonly Outcome<Undone>[]> {
  const outcomes = await onEach(fleet, all, going, (shell, { steps }) => undoSteps(shell, steps, going.signal));
  const over = new Set(outcomes.flatMap(({ server, result }) => (result?.fault === null ? [server] : [])));
  await writeJournal(path, { ...journal, entries: journal.entries.filter(({ server }) => !over.has(server)) });
  return outcomes;
}

async function onEach<S extends Site, R>(
  fleet: Fleet,
  sites: readonly S[],
  { isEnding, onDone }: Going,
  work: (shell: Shell, site: S) => Promise<R>,
): Promise<readonly Outcome<R>[]> {
  return fleet.each(sites, async (shell, site) => {
    const { server, addresses } = site;
    const result = isEnding() ? null : await work(shell, site);
    onDone();
    return { server, addresses, result };
  });
}
