/** What is to be known of every machine. */

import type { Machine, MachineQuestions } from '../machine.js';
import { addressSection, linkSection } from './links.js';
import { listenerSection } from './listeners.js';
import { moduleSection } from './modules.js';
import { routeSection } from './routes.js';
import { ruleSection } from './rules.js';
import { composeScript, type Reading, readSections, type Section } from './section.js';
import { sysctlSection } from './sysctls.js';

/** A section for each part of a `Machine`. */
export function machineSections({ sysctls, routes }: MachineQuestions): {
  readonly [N in keyof Machine]: Section<Machine[N]>;
} {
  return {
    sysctls: sysctlSection(sysctls),
    modules: moduleSection,
    links: linkSection,
    addresses: addressSection,
    routes: routeSection(routes),
    rules: ruleSection,
    listeners: listenerSection,
  };
}

export function script(questions: MachineQuestions): string {
  return composeScript(machineSections(questions));
}

/** Takes what the script for these questions has printed. */
export function readMachine(questions: MachineQuestions, text: string): Reading<Machine> {
  return readSections(machineSections(questions), text);
}
