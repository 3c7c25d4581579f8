/** The packages that the program needs where it runs, found as Node finds them. */

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Their folders below the root, as `node_modules/a/node_modules/b`. Rejects where one is not there, except for
 * optional ones: those are for other systems.
 */
export async function neededPackages(root: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  await collect(root, '', found);
  return found;
}

async function collect(root: string, from: string, found: Set<string>): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, from, 'package.json'), 'utf8')) as Manifest;
  const optional = Object.keys(manifest.optionalDependencies ?? {});
  for (const name of new Set([...Object.keys(manifest.dependencies ?? {}), ...optional])) {
    // Of types nothing runs.
    if (name.startsWith('@types/')) continue;
    const path = await find(root, from, name);
    if (path === null) {
      if (optional.includes(name)) continue;
      throw new Error(
        `package ${name}, which ${from || 'the program'} needs, is not there: run npm ci in a clone, or npm install -g`,
      );
    }
    if (found.has(path)) continue;
    found.add(path);
    await collect(root, path, found);
  }
}

/** Looks in the folder of the one that needs it, then in each folder above, up to the root. */
async function find(root: string, from: string, name: string): Promise<string | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    if (folder === '.') folder = '';
    const path = join(folder, 'node_modules', name);
    const stands = await readFile(join(root, path, 'package.json')).then(
      () => true,
      () => false,
    );
    if (stands) return path;
    if (folder === '') return null;
  }
}
