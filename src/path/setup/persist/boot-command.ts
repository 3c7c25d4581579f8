/** A change as a command that does no harm where it is done already. */

import type { Change } from '../../needs/change.js';
import { commandBack, commandOf } from '../../needs/commands.js';

export function bootCommand(change: Change): string {
  const command = commandOf(change);
  switch (change.kind) {
    case 'add-address':
      return command.replace(' add ', ' replace ');
    case 'add-rule':
      // Two that are the same are not told apart, and are two.
      return `${commandBack(change)} 2>/dev/null; ${command}`;
    default:
      return command;
  }
}
