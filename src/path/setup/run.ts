/** Steps carried out on one machine, and taken back. */

import type { Need } from '../need.js';
import { isMet } from '../needs/judge.js';
import type { Shell, ShellResult } from '../shell.js';
import { type Facts, questionsFor } from './facts.js';
import type { Plan } from './plan.js';
import { applyScript, notTakenBack, takenBack, undoScript } from './script.js';
import { type Standing, standingsOf } from './standing.js';
import { commandOf, type Step } from './step.js';
import { survey } from './survey.js';

/** Milliseconds for a look at a machine, and for a script of steps. */
export const lookDeadline = 90_000;
const scriptDeadline = 120_000;

export type Applied =
  | { readonly state: 'applied'; readonly unmet: readonly Need[] }
  /** It failed, and the machine is as it was before. */
  | { readonly state: 'taken-back'; readonly fault: string }
  /** It failed, and how the machine is has to be seen. */
  | { readonly state: 'unknown'; readonly fault: string };

/** Never rejects. */
export async function applySteps(
  shell: Shell,
  { steps, begun }: Plan,
  needs: readonly Need[],
  signal: AbortSignal,
): Promise<Applied> {
  const ran = await shell.run(applyScript(steps, begun), { deadline: scriptDeadline, asRoot: true, signal });
  if (ran.ok && ran.status === 0) {
    const looked = await survey(shell, questionsFor(needs, []), { deadline: lookDeadline, signal });
    return { state: 'applied', unmet: looked.ok ? needs.filter((need) => !isMet(need, looked.facts.machine)) : [] };
  }
  if (ran.ok && (ran.status === takenBack || ran.status === notTakenBack)) {
    const fault = failureOf(steps, ran);
    if (ran.status === takenBack) return { state: 'taken-back', fault };
    return { state: 'unknown', fault: `${fault}; and not all could be taken back` };
  }
  const fault = ran.ok ? `the script ended with ${ran.status}: ${lastLine(ran.stderr)}` : faultText(ran);
  if (signal.aborted) return { state: 'unknown', fault };
  // The connection or the shell has ended somewhere in between.
  const undone = await undoSteps(shell, steps, signal);
  return { state: undone.fault === null ? 'taken-back' : 'unknown', fault };
}

export interface Undone {
  /** What was taken back; in the order in which it had been done. */
  readonly steps: readonly Step[];
  /** What somebody else has changed since, and is left. */
  readonly left: readonly Standing[];
  /** Null where all is done. */
  readonly fault: string | null;
}

/** Never rejects. */
export async function undoSteps(shell: Shell, steps: readonly Step[], signal: AbortSignal): Promise<Undone> {
  const looked = await survey(shell, questionsFor([], steps), { deadline: lookDeadline, signal });
  if (!looked.ok) return { steps: [], left: [], fault: looked.fault };
  const { standing, left } = toTakeBack(steps, looked.facts);
  const ran = await shell.run(undoScript(standing, steps), { deadline: scriptDeadline, asRoot: true, signal });
  const fault = !ran.ok ? faultText(ran) : ran.status === 0 ? null : lastLine(ran.stderr);
  return { steps: standing, left, fault };
}

function toTakeBack(
  steps: readonly Step[],
  facts: Facts,
): { readonly standing: readonly Step[]; readonly left: readonly Standing[] } {
  const standings = standingsOf(steps, facts);
  return {
    standing: standings.flatMap(({ step, state }) => (state === 'stands' ? [step] : [])),
    left: standings.filter(({ state }) => state === "another's"),
  };
}

/** Of a script that has told how many steps were done: the next one failed. */
function failureOf(steps: readonly Step[], { stdout, stderr }: ShellResult & { ok: true }): string {
  const failed = steps[Number(stdout.trim())];
  const [command = ''] = failed === undefined ? [] : commandOf(failed).split('\n');
  return `${command}: ${lastLine(stderr)}`;
}

function faultText({ fault }: ShellResult & { ok: false }): string {
  return `${fault.message}; ${fault.remedy}`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it says nothing';
}
