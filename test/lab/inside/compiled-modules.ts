/** Modules that the guest's kernel comes without: what test/lab/compile-modules.sh has compiled for it. */

import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { run } from './command.js';

const folder = join('/var/cache/ldirectord-lab-modules', release());

/**
 * False where the guest can have this module; otherwise why a test that needs it is skipped. With LAB=required that is only
 * where the sources of its kernel are not to be had.
 */
export function moduleMissing(module: string): string | false {
  if (existsSync(fileOf(module))) return false;
  if (existsSync(`${folder}.reason`))
    return `there is no ${module} for this guest: ${readFileSync(`${folder}.reason`, 'utf8').trim()}`;
  if (process.env['LAB'] === 'required') return false;
  return `there is no ${module} for this guest: sh test/lab/compile-modules.sh compiles it`;
}

/** Each after those that it needs; once for a guest. */
export async function loadModules(...modules: readonly string[]): Promise<void> {
  for (const module of modules) if (!existsSync(join('/sys/module', module))) await run('insmod', fileOf(module));
}

function fileOf(module: string): string {
  return join(folder, `${module}.ko`);
}
