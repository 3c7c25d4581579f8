/** Where it is kept from one run to the next what is asked by hand. */

import type { Origin } from '../model/origin.js';
import type { Override } from '../model/override.js';
import { readBounded } from '../system/bounded-file.js';
import { putAside } from '../system/put-aside.js';
import { replaceFile } from '../system/replace-file.js';
import { type ReadByHand, readByHand, writeByHand } from './by-hand.js';

/** Bytes: more than as many overrides as are kept take, each with a reason of the longest. */
const largestFile = 16 * 1024 * 1024;

export interface ByHandFile {
  /** None where there is no file. What is not understood is put aside. Rejects where the file cannot be read. */
  read(): Promise<ReadByHand>;
  /** Puts these into the place of what it held, whole or not at all. One call at a time. */
  write(byHand: readonly Override[], ended: Ended | null): Promise<void>;
}

/** What somebody has taken back, whether it was asked for or not. */
export interface Ended {
  readonly origin: Origin;
  readonly about: readonly Pick<Override, 'kind' | 'server' | 'virtual'>[];
}

export function byHandFile(path: string): ByHandFile {
  const write = (byHand: readonly Override[]): Promise<void> => replaceFile(path, writeByHand(byHand), 0o600);
  /** The next one would write over what was not understood. */
  const replaceFaulty = async (understood: readonly Override[]): Promise<string> => {
    try {
      const aside = await putAside(path);
      if (understood.length > 0) await write(understood);
      return `it is kept as ${aside}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return {
    read: async () => {
      try {
        const { byHand, fault } = readByHand((await readBounded(path, largestFile)).toString('utf8'));
        return { byHand, fault: fault === null ? null : `${path}: ${fault}; ${await replaceFaulty(byHand)}` };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { byHand: [], fault: null };
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
    },
    write,
  };
}

/** For those that have nowhere to keep it. */
export const noByHandFile: ByHandFile = { read: async () => ({ byHand: [], fault: null }), write: async () => {} };
