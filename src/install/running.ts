/** What of an installation is in use: its processes, and the units that start with the system. */

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { library } from './entries.js';
import { succeeds } from './run.js';

/**
 * The processes, but for this one, that run the program below this prefix. One that loaded its code before a newer was
 * installed counts.
 */
export async function processesOf(prefix: string): Promise<number[]> {
  const place = join(await realpath(prefix).catch(() => prefix), library);
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    // A daemon's command line is a title; what it has loaded of native code stays. Other users' cannot be looked into.
    const maps = await readFile(`/proc/${name}/maps`, 'utf8').catch(() => '');
    if ([`${place}/`, `${place}.old/`].some((path) => maps.includes(` ${path}`))) found.push(Number(name));
  }
  return found;
}

/** The links by which systemd starts the units, below the prefix. */
export async function enabledUnits(prefix: string): Promise<string[]> {
  const folder = join(prefix, 'etc/systemd/system');
  const wanting = (await readdir(folder).catch(() => [])).filter((name) => /\.(wants|requires)$/.test(name));
  const links = wanting.map(async (name) => {
    const units = (await readdir(join(folder, name))).filter((unit) => /^ldirectord(@.+)?\.service$/.test(unit));
    return units.map((unit) => join(folder, name, unit));
  });
  return (await Promise.all(links)).flat().toSorted();
}

/**
 * Null where root under the units can run this program: they take its leave to look into other users' folders.
 * Otherwise the first folder, or the program itself, that keeps it out.
 */
export async function outOfReach(program: string): Promise<string | null> {
  const way: string[] = [program];
  for (let folder = dirname(program); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const path of way) {
    const { uid, gid, mode } = await stat(path);
    const bit = uid === 0 ? 0o100 : gid === 0 ? 0o010 : 0o001;
    if ((mode & bit) === 0) return path;
  }
  return null;
}

/** What the system keeps of manuals, for apropos(1); where there is no such thing nothing is to be done. */
export async function indexManuals(pages: readonly string[]): Promise<void> {
  for (const page of pages) {
    await succeeds('mandb', '--quiet', '--filename', page);
  }
}
