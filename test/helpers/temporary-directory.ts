/** A directory that goes with the test. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function temporaryDirectory(context: { after(release: () => Promise<void>): void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ldirectord-test-'));
  // What the test started may still write there, as it is ended after this: a file that comes meanwhile goes, too.
  context.after(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}
