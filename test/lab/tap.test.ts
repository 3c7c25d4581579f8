import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { parseTap } from './tap.js';

const sample = `
import { test } from 'node:test';
console.log('ok 9 - no result');
test('a # b', (t) => t.diagnostic('ratio 0.3 # 1'));
test('left out', { skip: 'no # reason' }, () => {});
test('outer', (t) => t.test('inner', () => { throw new Error('boo\\\\nhoo'); }));
`;

async function report(t: Parameters<typeof temporaryDirectory>[0]): Promise<string> {
  const file = join(await temporaryDirectory(t), 'sample.mjs');
  await writeFile(file, sample);
  // As a run of its own: a test that is run by the runner reports to the runner.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--test-reporter=tap', file], { env, timeout: 20_000 }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

test('the outer tests of a file, with what they said', async (t) => {
  const { results, complete } = parseTap(await report(t));
  assert.equal(complete, true);
  assert.deepEqual(
    results.map(({ text: _, ...rest }) => rest),
    [
      { name: 'a # b', ok: true, diagnostics: ['ratio 0.3 # 1'] },
      { name: 'left out', ok: true, skip: 'no # reason', diagnostics: [] },
      { name: 'outer', ok: false, diagnostics: [] },
    ],
  );
  assert.match(results[2]?.text ?? '', /not ok 1 - inner.*boo.*hoo/s);
});

test('a report that breaks off is not complete, wherever it does', async (t) => {
  const text = await report(t);
  const end = text.indexOf('\n1..3\n');
  for (let length = 0; length <= end; length += 7) assert.equal(parseTap(text.slice(0, length)).complete, false);
  assert.equal(parseTap(text.replace('1..3', '1..4')).complete, false);
});
