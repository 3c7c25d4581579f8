/** Files in their places: whole, or not at all, and for everybody to read, whatever the umask of who installs. */

import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
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
  copyFolder(program, join(fresh, 'dist'), isUsed);
  // What is installed can install itself anew, and take itself away.
  for (const from of [join(ownPackage, 'package.json'), ...given.map((entry) => entry.from)]) {
    const to = join(fresh, relative(ownPackage, from));
    await makeFolder(dirname(to));
    copyFile(from, to);
  }
  for (const path of await neededPackages(ownPackage)) {
    await makeFolder(dirname(join(fresh, path)));
    // Those inside it that are needed come by themselves.
    copyFolder(
      join(ownPackage, path),
      join(fresh, path),
      (source) => isUsed(source) && !/\/node_modules$/.test(source),
    );
  }
  // A daemon that loads something meanwhile finds one or the other, but for a moment.
  return async () => {
    await rename(place, old).catch(ignoreMissing);
    await rename(fresh, place);
    await rm(old, { recursive: true, force: true });
  };
}

/**
 * For everybody to read. Without promises: of thousands of small files each would wait for a thread four times, for
 * longer than it is copied, and who installs waits for nothing else.
 */
function copyFolder(from: string, to: string, isUsed: (source: string) => boolean): void {
  // A package inside another may have come first.
  mkdirSync(to, { recursive: true });
  chmodSync(to, forAll.folder);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (!isUsed(source)) continue;
    if (entry.isDirectory()) copyFolder(source, join(to, entry.name), isUsed);
    else if (entry.isFile()) copyFile(source, join(to, entry.name));
    else cpSync(source, join(to, entry.name));
  }
}

function copyFile(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, forAll.file);
}

export function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
