/**
 * Says to the next start that there is, or may be, a table of ours: it is written before the table is, and is gone after
 * it. Without it and without a need for rules nothing is run that would look.
 */

import { rm } from 'node:fs/promises';
import { bootId } from '../../system/boot.js';
import { readBounded } from '../../system/bounded-file.js';
import { replaceFile } from '../../system/replace-file.js';

/** Bytes. */
const largestFile = 4096;

export interface Journal {
  /** Whether an earlier run of this boot may have left a table. Never rejects. */
  stands(): Promise<boolean>;
  /** Rejects where it cannot be written. */
  begin(): Promise<void>;
  /** The table is gone. Never rejects: at worst the next start looks in vain. */
  end(): Promise<void>;
}

export function journalAt(path: string): Journal {
  return {
    async stands() {
      try {
        return (await readBounded(path, largestFile)).toString('utf8') === (await textNow());
      } catch (error) {
        // Whatever cannot be read may say so.
        return (error as NodeJS.ErrnoException).code !== 'ENOENT';
      }
    },
    async begin() {
      await replaceFile(path, await textNow(), 0o600);
    },
    async end() {
      await rm(path, { force: true }).catch(() => {});
    },
  };
}

/** Of a daemon that keeps nothing for the next. */
export const noJournal: Journal = { stands: async () => false, begin: async () => {}, end: async () => {} };

async function textNow(): Promise<string> {
  return `${JSON.stringify({ ldirectord: 'packets', boot: await bootId() })}\n`;
}
