/** What has to be known of a machine to set it up. */

import type { Machine } from '../machine.js';
import type { Need } from '../need.js';
import { type MachineQuestions, questionsOf } from '../needs/judge.js';
import type { Step } from './step.js';

export interface Facts {
  readonly machine: Machine;
  /** The files that could be ours, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Those directories that they could be in. */
  readonly directories: ReadonlySet<string>;
  /** Who keeps the network as it is over a reboot. */
  readonly ruler: Ruler;
}

export type Ruler =
  | {
      readonly name: 'networkd';
      /** The names of the files that it has for links, by link. */
      readonly networkFiles: ReadonlyMap<string, string>;
    }
  | { readonly name: 'ifupdown' | 'NetworkManager' | 'nobody' };

/** Of what has to be done, and of what was done. */
export function questionsFor(needs: readonly Need[], steps: readonly Step[]): MachineQuestions {
  const { sysctls, routes } = questionsOf(needs);
  const set = steps.flatMap((step) => (step.kind === 'sysctl' ? [step.key] : []));
  return { sysctls: [...new Set([...sysctls, ...set])], routes };
}
