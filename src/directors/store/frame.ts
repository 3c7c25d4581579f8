/**
 * What stands around the data of directors in the store: the key that says by which model it is written. It is made by
 * the first director, and tells by its revision whether the data is the same as before: a store that was set up anew
 * counts its revisions from the beginning.
 */

import { randomUUID } from 'node:crypto';
import type { Entry, Fault, Outcome, Store, Transaction } from './store.js';

/** Under the prefix. */
export const versionKey = 'version';
/** Whoever knows it reads what is written by it, and passes over what it does not know. */
export const modelVersion = 1;

export interface Frame {
  readonly revision: number;
  /** Of the data: another one is other data, whatever its revisions are. */
  readonly identity: string;
  /** At which the key was written. */
  readonly madeAt: number;
}

/** Reads it, or makes it where there is none; `by` is what this director is called. */
export async function openFrame(store: Store, by: string, signal: AbortSignal): Promise<Outcome<Frame>> {
  const found = await readFrame(store, signal);
  if (!found.ok || found.value !== null) return found as Outcome<Frame>;
  // Each time another one: the same director may be the first again, at the same revision of a store that was set up anew.
  const made = await writeFrame(store, by, 0, signal);
  // Another director was faster.
  if (!made.ok && made.fault.kind !== 'conflict') return made;
  const read = await readFrame(store, signal);
  if (!read.ok) return read;
  if (read.value !== null) return { ok: true, value: read.value };
  return { ok: false, fault: refusal(store, 'version-lost', `the key ${versionKey} goes as soon as it is written`) };
}

/**
 * Says that it is other data than before, as after a copy of it was brought back: by its revisions alone that shows to those
 * only who ask before as much has been written anew. Gives what stands then: who may not write leaves it.
 */
export async function renewFrame(store: Store, frame: Frame, by: string, signal: AbortSignal): Promise<Outcome<Frame>> {
  const made = await writeFrame(store, by, frame.madeAt, signal);
  if (!made.ok && made.fault.kind === 'refused') return { ok: true, value: frame };
  if (!made.ok && made.fault.kind !== 'conflict') return made;
  return openFrame(store, by, signal);
}

/** In the place of one that was written at a revision; 0 is where there is none. */
function writeFrame(store: Store, by: string, before: number, signal: AbortSignal): Promise<Outcome<number>> {
  const value = JSON.stringify({ version: modelVersion, by, id: randomUUID() });
  const transaction: Transaction = {
    when: [{ key: versionKey, revision: before }],
    operations: [{ type: 'put', key: versionKey, value }],
  };
  return store.write(transaction, signal);
}

/** Null where there is none. */
export async function readFrame(store: Store, signal: AbortSignal): Promise<Outcome<Frame | null>> {
  const got = await store.get(versionKey, signal);
  if (!got.ok) return got;
  const { revision, entry } = got.value;
  if (entry === null) return { ok: true, value: null };
  const version = versionOf(entry);
  if (version === modelVersion) {
    const identity = `${entry.revision} ${entry.value}`;
    return { ok: true, value: { revision, identity, madeAt: entry.revision } };
  }
  const fault =
    version === null
      ? refusal(store, 'version-unreadable', `what stands in the key ${versionKey} is none of ours`)
      : refusal(
          store,
          'version-unknown',
          `its data is of version ${version}, and this program knows ${modelVersion}: another version of it is needed`,
        );
  return { ok: false, fault };
}

function versionOf({ value }: Entry): number | null {
  try {
    const { version } = JSON.parse(value) as { version?: unknown };
    return typeof version === 'number' ? version : null;
  } catch {
    return null;
  }
}

function refusal({ endpoint }: Store, code: string, message: string): Fault {
  return { kind: 'refused', code, message: `${endpoint}: ${message}`, endpoint };
}
