import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { nodeFlags } from '../../src/process/heap.js';

test('this version of Node knows every flag: one that it does not know ends it, or is complained of', () => {
  const module = new URL('../../src/process/heap.js', import.meta.url);
  const script = `import { expectShortLives } from '${module}'; expectShortLives();`;
  const { status, stderr } = spawnSync(process.execPath, [...nodeFlags, '--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
});
