/** A child process may tell of more than one error, as when it cannot be started and then cannot be killed. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { releaseKept } from '../../src/probes/release.js';
import { runProbe } from '../../src/probes/run.js';
import { checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

for (const type of ['external', 'external-perl'] as const) {
  test(`two errors of one child end its check and nothing else: ${type}`, { skip: lacks('perl') }, async (t) => {
    const command = join(await temporaryDirectory(t), 'check');
    await writeFile(command, type === 'external' ? '#!/bin/sh\nexec sleep 1000\n' : 'sleep 1000;\n', { mode: 0o755 });
    const children: ChildProcess[] = [];
    const trouble = (message: unknown): void => {
      const { process: child } = message as { process: ChildProcess };
      children.push(child);
      for (let times = 0; times < 2; times += 1) {
        setImmediate(() => child.emit('error', Object.assign(new Error('injected'), { code: 'EAGAIN' })));
      }
    };
    diagnostics.subscribe('child_process', trouble);
    t.after(() => diagnostics.unsubscribe('child_process', trouble));
    const { ok, reason } = await runProbe(checkOf({ type, command, checkTimeout: 10_000 }), 'negotiate');
    await releaseKept();
    assert.equal(ok, null, reason);
    assert.match(reason, /^command: /);
    assert.equal(children.length, 1);
    // Perl may have seen the end of its pipe before it was killed.
    await until('it is gone', () => children.every(({ exitCode, signalCode }) => (exitCode ?? signalCode) !== null));
  });
}
