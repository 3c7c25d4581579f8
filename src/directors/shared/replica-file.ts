/** Where it is kept from one run to the next what the store held when it was seen last, and what it does not have yet. */

import { readBounded } from '../../system/bounded-file.js';
import { putAside } from '../../system/put-aside.js';
import { replaceFile } from '../../system/replace-file.js';
import { entryIn, entryText } from './entry.js';
import { aboutOf } from './keys.js';
import { objectIn } from './presence.js';
import type { Kept } from './replica.js';

/** Bytes: more than all keys that are kept take. */
const largestFile = 64 * 1024 * 1024;
const version = 1;

export interface KeptReplica {
  /** Of the store that was seen last; null where none was. */
  readonly identity: string | null;
  readonly entries: readonly (readonly [string, Kept])[];
}

export interface ReplicaFile {
  /** Nothing where there is no file; `fault` is why not all of it counts, or null. Never rejects. */
  read(): Promise<KeptReplica & { readonly fault: string | null }>;
  /** Puts these into the place of what it held, whole or not at all. One call at a time. */
  write(replica: {
    readonly identity: string | null;
    readonly entries: Iterable<readonly [string, Kept]>;
  }): Promise<void>;
}

export function replicaFile(path: string): ReplicaFile {
  return {
    read: async () => {
      let text: string;
      try {
        text = (await readBounded(path, largestFile)).toString('utf8');
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        return { identity: null, entries: [], fault: code === 'ENOENT' ? null : `${path}: ${message}` };
      }
      const { lost, ...found } = replicaIn(text);
      if (lost === null) return { ...found, fault: null };
      const then = await putAside(path).then(
        (aside) => `it is kept as ${aside}`,
        ({ message }: Error) => message,
      );
      return { ...found, fault: `${path}: ${lost}; ${then}` };
    },
    write: (replica) => replaceFile(path, replicaText(replica), 0o600),
  };
}

/** For those that have nowhere to keep it. */
export const noReplicaFile: ReplicaFile = {
  read: async () => ({ identity: null, entries: [], fault: null }),
  write: async () => {},
};

/** Each key with its value as the store has it. */
function replicaText({ identity, entries }: Parameters<ReplicaFile['write']>[0]): string {
  const lines = [...entries].map(([key, kept]) =>
    JSON.stringify([key, kept.revision, kept.isPending, entryText(kept.entry)]),
  );
  return `{"v":${version},"store":${JSON.stringify(identity)},"keys":[\n${lines.join(',\n')}\n]}\n`;
}

function replicaIn(text: string): KeptReplica & { readonly lost: string | null } {
  const { v, store, keys } = objectIn(text);
  if (v !== version || !Array.isArray(keys)) return { identity: null, entries: [], lost: 'it holds something else' };
  const entries = keys.flatMap((line: unknown) => keptIn(line) ?? []);
  const lost = keys.length - entries.length;
  return {
    identity: typeof store === 'string' ? store : null,
    entries,
    lost: lost === 0 ? null : `${lost} of ${keys.length} lines are not understood`,
  };
}

function keptIn(line: unknown): readonly [readonly [string, Kept]] | null {
  if (!Array.isArray(line)) return null;
  const [key, revision, isPending, value]: readonly unknown[] = line;
  if (typeof key !== 'string' || typeof value !== 'string' || !Number.isSafeInteger(revision)) return null;
  const about = aboutOf(key);
  const entry = 'fault' in about ? about : entryIn(about, value);
  if ('fault' in entry) return null;
  return [[key, { entry, revision: Number(revision), isPending: isPending === true }]];
}
