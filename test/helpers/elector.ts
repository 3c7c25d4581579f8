/** Somebody who says whether a director is active, as a test likes it. */

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from './temporary-directory.js';

export interface FileElector {
  /** Of the section `[role]`. */
  readonly settings: string;
  /** `active`, with addresses perhaps, or `passive`; within a second and some the director knows. */
  readonly say: (text: string) => Promise<void>;
}

export async function fileElector(t: TestContext, first: string): Promise<FileElector> {
  const file = join(await temporaryDirectory(t), 'role');
  const say = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, `${text}\n`);
    await rename(`${file}.new`, file);
  };
  await say(first);
  return { settings: `[role]\nrole = command cat ${file}\ninterval = 1\n`, say };
}
