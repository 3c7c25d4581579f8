/** Libraries that are preloaded into a guest's kernel for this machine's processor. */

import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lacks } from '../helpers/programs.js';
import { repository } from '../helpers/repository.js';

/** Their sources, see there: the state of a task is completed; it is as large as with AMX. */
export type Library = 'complete-state' | 'large-state';

const patience = 60_000;

/** In the order of their work. None where the processor does not ask for one; LAB_AMX=simulated in the environment does. */
export function neededLibraries(cpuinfo = readFileSync('/proc/cpuinfo', 'latin1')): readonly Library[] {
  if (process.env['LAB_AMX'] === 'simulated') return ['complete-state', 'large-state'];
  return /^flags\b.*\bamx_tile\b/m.test(cpuinfo) ? ['complete-state'] : [];
}

/** False where those can be compiled here; otherwise why not. */
export function compilerMissing(libraries: readonly Library[]): string | false {
  if (libraries.length === 0) return false;
  const missing = lacks('gcc');
  if (missing !== false) return `${missing}, which guests need on this processor`;
  try {
    // Without the headers and start files of libc6-dev it cannot do it.
    for (const name of libraries) execFileSync('gcc', compile(name, '/dev/null'), { stdio: 'pipe', timeout: patience });
    return false;
  } catch (error) {
    return `gcc cannot compile what guests need on this processor: ${(error as Error).message}`;
  }
}

/** Compiles them into the folder; gives the words before the command that is to have them. */
export async function preloading(libraries: readonly Library[], folder: string): Promise<string[]> {
  if (libraries.length === 0) return [];
  const compiled = libraries.map((name) => [name, join(folder, `${name}.so`)] as const);
  for (const [name, file] of compiled) await promisify(execFile)('gcc', compile(name, file), { timeout: patience });
  return ['env', `LD_PRELOAD=${compiled.map(([, file]) => file).join(' ')}`];
}

function compile(name: Library, output: string): string[] {
  return [
    '-shared',
    '-fPIC',
    '-O2',
    '-Wall',
    '-Werror',
    '-o',
    output,
    join(repository, `test/lab/host/${name}.c`),
    '-ldl',
  ];
}
