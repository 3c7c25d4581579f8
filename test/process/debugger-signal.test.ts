import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { withoutDebugger } from '../../src/process/debugger-signal.js';

const module = new URL('../../src/process/debugger-signal.js', import.meta.url);

test('a process with it is sent SIGUSR1, by itself or by a worker, and lives on without a debugger', () => {
  const script = `import '${module}';
import { Worker } from 'node:worker_threads';
import { url } from 'node:inspector';
process.kill(process.pid, 'SIGUSR1');
new Worker("process.kill(process.pid, 'SIGUSR1')", { eval: true }).on('exit', () => setTimeout(() => console.log(url()), 50));`;
  const args = [...withoutDebugger(), '--input-type=module', '--eval', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  assert.deepEqual([status, stdout, stderr], [0, 'undefined\n', '']);
});
