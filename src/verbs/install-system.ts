/** `install-system`: puts the program, wherever it runs from, where systems have theirs. */

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { install, prepare, system, uninstall } from '../install/install.js';
import { takeOver } from '../install/take-over.js';
import { type Command, done, usage } from './command.js';

export async function installSystem({ args }: Command): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      prefix: { type: 'string', default: system },
      uninstall: { type: 'boolean', default: false },
      'take-over': { type: 'boolean', default: false },
    },
  });
  const { prefix, uninstall: isLeaving, 'take-over': isTakingOver } = values;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (isTakingOver) {
    if (isLeaving || resolve(prefix) !== system) throw usage('install-system: --take-over goes with no other option');
    await takeOver(() => prepare(system), say);
    return done;
  }
  await (isLeaving ? uninstall : install)(prefix, say);
  say(`\n${isLeaving ? 'Taken away.' : 'Installed.'} Now: systemctl daemon-reload`);
  return done;
}
