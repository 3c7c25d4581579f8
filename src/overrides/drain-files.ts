/**
 * What files in `maintenancedir` say of the servers that they are called as: one whose first word is `drain` asks for a
 * drain, and the rest of the line says why. Perl's ldirectord looks at names alone, and takes such a server out as it
 * does with any other file.
 */

import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isWho, type Origin, reasonIn } from '../model/origin.js';
import { replaceFile } from '../system/replace-file.js';
import { readUserNames } from '../system/users.js';

/** What is known of a file. */
export interface Note extends Origin {
  readonly isDrain: boolean;
}

/** Files that are looked into, so that a directory of many costs no more than it is worth. */
const mostLooked = 1024;
/** Bytes of a file that are read. */
const longestNote = 1024;

/** What the files say. Never rejects: of a file that cannot be looked into nothing is known. */
export async function notesAmong(folder: string, names: ReadonlySet<string>): Promise<ReadonlyMap<string, Note>> {
  const looked = [...names].filter((name) => !name.startsWith('.')).slice(0, mostLooked);
  if (looked.length === 0) return new Map();
  const userOf = await readUserNames();
  const notes = await Promise.all(looked.map((name) => look(join(folder, name), userOf)));
  return new Map(looked.flatMap((name, index) => (notes[index] ? [[name, notes[index]] as const] : [])));
}

/**
 * Whole or not at all: a file without its first word would take the server out. What stands there stays, unless it is to
 * be replaced; then this gives false.
 */
export async function writeDrainFile(
  folder: string,
  name: string,
  { who, why }: Pick<Origin, 'who' | 'why'>,
  replaces: boolean,
): Promise<boolean> {
  const path = join(folder, name);
  if (!replaces && (await lstat(path).catch(() => null)) !== null) return false;
  const by = who === null ? '' : `by ${who}\n`;
  await replaceFile(path, `drain${why === null ? '' : ` ${why}`}\n${by}`, 0o644);
  return true;
}

export async function removeDrainFile(folder: string, name: string): Promise<void> {
  await unlink(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function look(path: string, userOf: (uid: number) => string): Promise<Note | null> {
  try {
    const stats = await lstat(path);
    const text = stats.isFile() ? await read(path).catch(() => '') : '';
    return { ...saidIn(text, stats.uid, userOf), since: Math.floor(stats.mtimeMs) };
  } catch {
    return null;
  }
}

async function read(path: string): Promise<string> {
  // Something else may stand there by now: a link that leads to a device, or a pipe that waits for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(longestNote), 0, longestNote, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The file is its owner's; only of ours it is known that whom it names has asked for it. */
function saidIn(text: string, uid: number, userOf: (uid: number) => string): Omit<Note, 'since'> {
  const [first = '', ...others] = text.split('\n');
  const isDrain = /^drain(?:\s|$)/.test(first);
  const by = uid === process.geteuid?.() ? others.map(namedIn).find((who) => who !== null) : undefined;
  const rest = isDrain ? first.slice('drain'.length) : first;
  const next = others.find((line) => namedIn(line) === null) ?? '';
  return { isDrain, who: by ?? userOf(uid), why: reasonIn(rest) ?? (isDrain ? reasonIn(next) : null) };
}

/** Whom a line names that `writeDrainFile` wrote. */
function namedIn(line: string): string | null {
  const who = /^by (.+)$/.exec(line)?.[1];
  return who !== undefined && isWho(who) ? who : null;
}
