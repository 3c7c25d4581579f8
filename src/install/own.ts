/** Where the program that runs has its own files: in a clone, in what npm installed, or in what was installed from there. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../root.js';

/** The compiled program. */
export const program = fileURLToPath(root);
/** What is called of it: the bundle's, or that of the modules as they are. */
export const entry = existsSync(join(program, 'cli.cjs')) ? 'cli.cjs' : 'cli.js';
export const command = join(program, entry);
/** The finished pages. */
export const manual = join(program, 'man');

/** The package: what says which others it needs, and the files of `systemFiles`. */
export const ownPackage = folderWith('package.json', program);
export const systemFiles = join(ownPackage, 'systemd');

/** The nearest folder that has it, as Node looks for it. */
function folderWith(name: string, from: string): string {
  if (existsSync(join(from, name))) return from;
  const above = dirname(from);
  if (above === from) throw new Error(`${program}: there is no ${name} above it`);
  return folderWith(name, above);
}
