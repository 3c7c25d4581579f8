/** A directory that goes with the test. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function temporaryDirectory(context: { after(release: () => Promise<void>): void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ldirectord-test-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
