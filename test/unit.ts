/**
 * Which tests are unit tests: those of a part of the program, that need nothing but Node. By what they are made of, so
 * that nobody has to remember: a test is one unless it, or a helper of its, starts programs, asks which are installed or
 * writes one, drives a browser, or starts the whole daemon. `node build/test/unit.js` prints the files.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled tests, and what is tested. */
const tests = fileURLToPath(new URL('.', import.meta.url));
const program = fileURLToPath(new URL('../src', import.meta.url));

/** What no unit test imports. */
const outside = [
  'node:child_process',
  'playwright-core',
  join(tests, 'helpers/programs.js'),
  join(program, 'daemon.js'),
];
/** The first line of a script names its interpreter. */
const script = '#!';

/** The files of all unit tests. */
export function unitTests(): string[] {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(tests, name))
    .filter((file) => wayOutside(file) === null)
    .toSorted();
}

/** Why a test is none: from its file on what leads to what it needs, by imports; null where it needs nothing. */
export function wayOutside(test: string): readonly string[] | null {
  const seen = new Set<string>();
  const follow = (file: string): string[] | null => {
    if (seen.has(file)) return null;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    if (text.includes(script)) return [file, script];
    for (const name of importsOf(text)) {
      const target = name.startsWith('.') ? resolve(dirname(file), name) : name;
      if (outside.includes(target)) return [file, target];
      // What a part of the program does is its own affair.
      if (!name.startsWith('.') || target.startsWith(program)) continue;
      const way = follow(target);
      if (way !== null) return [file, ...way];
    }
    return null;
  };
  return follow(test);
}

/** As the compiler writes them, and those of `import()`. */
function importsOf(text: string): string[] {
  const found = [...text.matchAll(/^(?:import|export) (?:[^;]*? from )?'([^']+)';$|\bimport\('([^']+)'\)/gm)];
  return found.map(([, named, called]) => named ?? called ?? '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of unitTests()) process.stdout.write(`${relative(process.cwd(), file)}\n`);
}
