import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Two threads that have allocated; malloc_info(3) tells of an arena by a line each. */
const script = (prepare: string): string => `
  import { Worker } from 'node:worker_threads';
  import { once } from 'node:events';
  import koffi from 'koffi';
  ${prepare}
  const library = koffi.load(null);
  const work = "require('node:worker_threads').parentPort.on('message', () => {}).postMessage('here')";
  const workers = [1, 2].map(() => new Worker(work, { eval: true, execArgv: [] }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const out = library.func('void *fdopen(int fd, const char *mode)')(1, 'w');
  library.func('int malloc_info(int options, void *stream)')(0, out);
  library.func('int fflush(void *stream)')(out);
  process.exit(0);
`;

function arenas(prepare: string): number | null {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script(prepare)], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (stderr.includes('malloc_info')) return null;
  assert.deepEqual([status, stderr], [0, '']);
  return stdout.split('<heap nr=').length - 1;
}

test('free memory is given back, and nobody waits for that', () => {
  const module = new URL('../../src/process/allocator.js', import.meta.url);
  const libc = new URL('../../src/system/libc.js', import.meta.url);
  const source = `
    const { giveBackSoon } = await import('${module}');
    const { giveBack } = await import('${libc}');
    giveBackSoon();
    giveBackSoon();
    giveBack();
  `;
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
});

test('threads that begin later add no arena of their own', (t) => {
  const module = new URL('../../src/process/allocator.js', import.meta.url);
  const without = arenas('');
  if (without === null) {
    t.skip('another C library than glibc');
    return;
  }
  const shared = arenas(`const { shareArena } = await import('${module}'); shareArena();`);
  assert.ok(shared !== null && shared < without, `${shared} arenas instead of ${without}`);
});
