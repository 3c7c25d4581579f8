import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lookup } from '../../src/config/resolve.js';
import { manyLookups } from '../../src/reload/lookups.js';
import { until, within } from '../helpers/deadline.js';
import { exhaustDescriptors } from '../helpers/resource-limits.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** Milliseconds that no test reaches. */
const ample = 3_600_000;
const silent: Lookup = () => new Promise(() => {});

function children(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
}

test('quick answers need no other process', async () => {
  let running = 0;
  let most = 0;
  const here: Lookup = async (name) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return name;
  };
  const lookup = manyLookups({ here, program: '/nowhere', patience: ample });
  const names = Array.from({ length: 50 }, (_, index) => `web${index}`);
  assert.deepEqual(await Promise.all(names.map((name) => lookup(name, 'inet'))), names);
  assert.equal(most, 2);
});

test('two names whose name server is away keep nobody waiting, and the other process goes', async () => {
  const lookup = manyLookups({ here: silent, patience: 1 });
  for (const name of ['dead1', 'dead2']) void lookup(name, 'inet');
  for (let turn = 0; turn < 2; turn += 1) {
    const many = Array.from({ length: 20 }, () => lookup('localhost', 'inet'));
    const answers = await within('answers', Promise.all(many));
    assert.deepEqual(answers, Array(20).fill('127.0.0.1'));
  }
  await assert.rejects(within('an answer', lookup('no-such-host.invalid', 'inet')), /\((ENOTFOUND|EAI_\w+)\)$/);
  await until('the other process is gone', () => children() === 0);
});

test('where no other process can be started, this one asks', async () => {
  for (const obstacle of [tooLongAnEnvironment, () => exhaustDescriptors(256)]) {
    const free: (() => void)[] = [];
    const here: Lookup = async (name) => {
      if (name.startsWith('slow')) await new Promise<void>((resolve) => free.push(resolve));
      return name;
    };
    const lookup = manyLookups({ here, patience: 1 });
    const goAway = obstacle();
    try {
      const slow = ['slow1', 'slow2'].map((name) => lookup(name, 'inet'));
      const waits = lookup('web', 'inet');
      // It is given up, or was never there.
      await sleep(50);
      await until('none is there', () => children() === 0);
      for (const release of free) release();
      assert.equal(await within('an answer', waits), 'web');
      assert.deepEqual(await Promise.all(slow), ['slow1', 'slow2']);
    } finally {
      goAway();
    }
  }
});

/** Of such, execve(2) makes E2BIG, which child_process throws and does not emit, as it does where memory is short. */
function tooLongAnEnvironment(): () => void {
  process.env['LOOKUPS_TEST'] = 'x'.repeat(200_000);
  return () => {
    delete process.env['LOOKUPS_TEST'];
  };
}

test('where the other process ends, this one asks', async (t) => {
  const folder = await temporaryDirectory(t);
  const program = join(folder, 'broken.mjs');
  const mark = join(folder, 'begun');
  await writeFile(
    program,
    `import { writeFileSync } from 'node:fs';\nwriteFileSync('${mark}', '');\nprocess.exit(1);\n`,
  );
  const free: (() => void)[] = [];
  const here: Lookup = async (name) => {
    if (name.startsWith('slow')) await new Promise<void>((resolve) => free.push(resolve));
    return name;
  };
  const lookup = manyLookups({ here, program, patience: 1 });
  const slow = ['slow1', 'slow2'].map((name) => lookup(name, 'inet'));
  const waits = lookup('web', 'inet');
  const isBegun = (): Promise<boolean> =>
    stat(mark).then(
      () => true,
      () => false,
    );
  await until('it was started', isBegun);
  await until('it is gone', () => children() === 0);
  for (const release of free) release();
  assert.equal(await within('an answer', waits), 'web');
  assert.deepEqual(await Promise.all(slow), ['slow1', 'slow2']);
});
