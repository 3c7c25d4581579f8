/** What was changed and how it was before, on each machine: written before a change, so that whoever comes later can take it back. */

import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readBounded } from '../../system/bounded-file.js';
import { putAside } from '../../system/put-aside.js';
import { replaceFile } from '../../system/replace-file.js';
import type { Site } from './fleet.js';
import { isStep } from './journal-step.js';
import type { Step } from './step.js';

const format = 1;
/** Bytes: 10,000 servers with a dozen of services each. */
const largestFile = 256 * 1024 * 1024;

export interface Entry extends Site {
  /** In the order in which they were to be done. */
  readonly steps: readonly Step[];
}

export interface Journal {
  /** Whether the directory was made for it. */
  readonly madeDirectory: boolean;
  readonly entries: readonly Entry[];
}

const empty: Journal = { madeDirectory: false, entries: [] };

/** The fault is why what was found does not count: then it is put aside. Rejects where it cannot be read. */
export async function readJournal(path: string): Promise<{ readonly journal: Journal; readonly fault: string | null }> {
  let text: string;
  try {
    text = (await readBounded(path, largestFile)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { journal: empty, fault: null };
    throw error;
  }
  const journal = parseJournal(text);
  if (typeof journal !== 'string') return { journal, fault: null };
  const aside = await putAside(path);
  return { journal: empty, fault: `${path}: ${journal}: it is now ${aside}, and what it says is not taken back` };
}

/** A sentence where it is none. Its steps become commands of root's: what is not known by its form is nothing to run. */
export function parseJournal(text: string): Journal | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (!isRecord(value)) return 'it is no journal';
  if (value['format'] !== format) return `its format is ${JSON.stringify(value['format'])}, and not ${format}`;
  const { madeDirectory, entries } = value;
  if (typeof madeDirectory !== 'boolean' || !Array.isArray(entries)) return 'it is not whole';
  return entries.every(isEntry) ? { madeDirectory, entries } : 'it has an entry that is not understood';
}

export function journalText({ madeDirectory, entries }: Journal): string {
  return `${JSON.stringify({ format, madeDirectory, entries }, null, 1)}\n`;
}

/** Returns once it is on the disk, with what was written. An empty one is none. */
export async function writeJournal(path: string, journal: Journal): Promise<Journal> {
  const directory = dirname(path);
  if (journal.entries.length > 0) {
    const isThere = await stat(directory).then(
      () => true,
      () => false,
    );
    if (!isThere) await mkdir(directory, { recursive: true, mode: 0o700 });
    const written = { ...journal, madeDirectory: journal.madeDirectory || !isThere };
    await replaceFile(path, journalText(written), 0o600);
    return written;
  }
  await rm(path, { force: true });
  // Others can have put something there.
  if (journal.madeDirectory) await rmdir(directory).catch(() => {});
  return empty;
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value)) return false;
  const { server, addresses, steps } = value;
  return (
    (server === null || typeof server === 'string') &&
    Array.isArray(addresses) &&
    addresses.every((address) => typeof address === 'string') &&
    Array.isArray(steps) &&
    steps.every(isStep)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
