/** Whether options fit the command and each other. */

import type { Draft } from './draft.js';
import { type CommandName, commands, type SwitchName, switchNames } from './options.js';
import { WrongArguments } from './request.js';

/** Names of flags that a scheduler has of its own. Those without a name of their own fit all. */
const flagOwners: ReadonlyMap<string, string | null> = new Map([
  ['sh-fallback', 'sh'],
  ['sh-port', 'sh'],
  ['mh-fallback', 'mh'],
  ['mh-port', 'mh'],
  ['flag-1', null],
  ['flag-2', null],
  ['flag-3', null],
]);

/** Throws WrongArguments. */
export function assertFlags({ scheduler, schedulerFlags }: Draft): void {
  for (const name of schedulerFlags) {
    const owner = flagOwners.get(name);
    if (owner === undefined) throw new WrongArguments(`invalid scheduler flag \`${name}'`);
    if (owner !== null && owner !== scheduler) throw new WrongArguments(`incompatible scheduler flag \`${name}'`);
  }
}

/** Throws WrongArguments. */
export function assertFitting(command: Exclude<CommandName, 'help' | 'version'>, given: ReadonlySet<SwitchName>): void {
  const { needs, takes }: { needs: readonly SwitchName[]; takes: readonly SwitchName[] } = commands[command];
  for (const name of switchNames) {
    const isNeeded = needs.includes(name);
    if (isNeeded && !given.has(name)) {
      throw new WrongArguments(`You need to supply the '${name}' option for the '${command}' command`);
    }
    if (!isNeeded && given.has(name) && !takes.includes(name)) {
      throw new WrongArguments(`Illegal '${name}' option with the '${command}' command`);
    }
  }
}
