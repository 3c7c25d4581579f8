import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { handOver, takeOver } from '../../src/health/hand-over.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const now = 1_800_000_000_000;
const minute = 60_000;
const up = new Set(['inet tcp 192.0.2.1:80 10.0.0.1:80', 'inet6 udp [2001:db8::1]:53 [2001:db8::2]:53']);
const before = { up, unused: new Set(['tcp 192.0.2.9:80']) };
const nobody = { up: new Set(), unused: new Set() };

test('what is handed over counts once, and leaves nothing behind', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'up');
  await handOver(path, before, now);
  assert.deepEqual(await takeOver(path, now + minute - 1), before);
  assert.deepEqual(await takeOver(path, now + minute - 1), nobody);
  assert.deepEqual(await readdir(folder), []);
});

test('what is old, comes from a clock that has been put back since, or is something else counts for nothing', async (t) => {
  const path = join(await temporaryDirectory(t), 'up');
  for (const later of [minute, -1]) {
    await handOver(path, before, now);
    assert.deepEqual(await takeOver(path, now + later), nobody);
  }
  for (const text of ['', 'x', 'null', '[]', `{"v":2,"at":${now},"up":["a"]}`, `{"v":1,"at":${now},"up":"a"}`]) {
    await writeFile(path, text);
    assert.deepEqual(await takeOver(path, now), nobody, text);
  }
});

test('who cannot hand over is told', async (t) => {
  const path = join(await temporaryDirectory(t), 'missing', 'up');
  await assert.rejects(handOver(path, before, now), { code: 'ENOENT' });
});
