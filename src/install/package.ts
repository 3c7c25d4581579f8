/** A package of dpkg's, and those of its settings that outlive it. */

import { createHash } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { ignoreMissing } from './place.js';
import { run } from './run.js';

const asideEnding = '.kept';

/** The package that brought the file; null where none did, or there is no dpkg. */
export async function packageOf(file: string): Promise<string | null> {
  const found = await run('dpkg-query', '--search', file).catch(() => '');
  return /^([^:, ]+)(?::[^:, ]+)?: /.exec(found)?.[1] ?? null;
}

/**
 * Its settings that are not to go with it: what the administrator changed, and a configuration even as it came. Its
 * init script is none.
 */
export async function lastingSettings(name: string): Promise<string[]> {
  const known = await run('dpkg-query', '--show', `--showformat=\${Conffiles}`, name);
  const lasting: string[] = [];
  for (const [, path = '', sum = ''] of known.matchAll(/^ (\/\S+) ([0-9a-f]{32})/gm)) {
    if (path.startsWith('/etc/init.d/')) continue;
    const text = await readFile(path).catch(() => null);
    if (text === null) continue;
    const isAsItCame = createHash('md5').update(text).digest('hex') === sum;
    if (!isAsItCame || path.startsWith('/etc/ha.d/')) lasting.push(path);
  }
  return lasting;
}

/** Removes the package and all that it knows of, the files but these: no later purge can take them away. */
export async function purge(name: string, lasting: readonly string[]): Promise<void> {
  for (const path of lasting) await rename(path, `${path}${asideEnding}`);
  try {
    await run('dpkg', '--purge', name);
  } finally {
    for (const path of lasting) await rename(`${path}${asideEnding}`, path).catch(ignoreMissing);
  }
}
