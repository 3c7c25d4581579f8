/** Files in their places: whole, or not at all, and for everybody to read, whatever the umask of who installs. */

import { chmod, cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Entry, given } from './entries.js';
import { ownPackage, program } from './own.js';
import { neededPackages } from './packages.js';

const forAll = { folder: 0o755, program: 0o755, file: 0o644 };

/** Folders that are there keep their modes. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, forAll.folder);
}

export async function writeWhole(path: string, { text, isProgram }: Omit<Entry, 'path'>): Promise<void> {
  await makeFolder(dirname(path));
  const fresh = `${path}.new`;
  await writeFile(fresh, text);
  await chmod(fresh, isProgram ? forAll.program : forAll.file);
  await rename(fresh, path);
}

/** The program and its packages, beside their place. Gives what puts them there. */
export async function stageLibrary(place: string): Promise<() => Promise<void>> {
  const fresh = `${place}.new`;
  const old = `${place}.old`;
  for (const left of [fresh, old]) await rm(left, { recursive: true, force: true });
  await makeFolder(fresh);
  // Neither maps nor types are of use where it runs.
  const isUsed = (source: string): boolean => !/\.(map|ts)$/.test(source);
  await cp(program, join(fresh, 'dist'), { recursive: true, filter: isUsed });
  await cp(join(ownPackage, 'package.json'), join(fresh, 'package.json'));
  // What is installed can install itself anew, and take itself away.
  for (const { from } of given) await cp(from, join(fresh, relative(ownPackage, from)));
  for (const path of await neededPackages(ownPackage)) {
    // Those inside it that are needed come by themselves.
    const isInside = (source: string): boolean => source.slice(join(ownPackage, path).length).includes('/node_modules');
    const filter = (source: string): boolean => isUsed(source) && !isInside(source);
    await cp(join(ownPackage, path), join(fresh, path), { recursive: true, filter });
  }
  await openUp(fresh);
  // A daemon that loads something meanwhile finds one or the other, but for a moment.
  return async () => {
    await rename(place, old).catch(ignoreMissing);
    await rename(fresh, place);
    await rm(old, { recursive: true, force: true });
  };
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, forAll.folder);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, forAll.folder);
    else if (entry.isFile()) await chmod(path, forAll.file);
  }
}

export function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
