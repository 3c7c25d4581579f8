/** A set-up that is killed. From bare machines to balanced requests and back, the walks go. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cli } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { buildBareNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { differences, snapshot } from './inside/snapshot.js';

async function setup(file: string, ...args: string[]): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, file, 'setup', ...args], { timeout: 120_000 }, (error, out, err) => {
      resolve({ status: error === null ? 0 : (child.exitCode ?? -1), text: `${out}${err}` });
    });
  });
}

test('killed while it applies, what it has done is taken back', async (t) => {
  await buildBareNetwork(t);
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'killed.cf');
  await writeFile(file, `virtual=${virtualAddress}:80\n\treal=${realAddresses.rs1}:80 masq\n`);
  const before = await snapshot();
  for (let kill = 0; kill < 3; kill += 1) {
    const child = execFile(process.execPath, [cli, file, 'setup', '--apply']);
    await new Promise<void>((resolve) => child.stdout?.once('data', () => setTimeout(resolve, kill * 60)));
    child.kill('SIGKILL');
    const undone = await setup(file, '--undo');
    assert.equal(undone.status, 0, undone.text);
    assert.deepEqual(differences(before, await snapshot()), []);
  }
});
