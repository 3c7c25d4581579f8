import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitInSlices, splitLines } from '../../../src/config/file/lines.js';

test('every line is there once, and the end of the last one is none', () => {
  const texts = ['', '\n', 'a', 'a\n', 'a\n\n', '\na', ' \n\r\nb\n\n\n', 'a\u2028b\n'];
  for (const text of texts) {
    const expected = text.split('\n');
    if (expected.at(-1) === '') expected.pop();
    assert.deepEqual(
      splitLines(text),
      expected.map((line, index) => ({ number: index + 1, text: line })),
      JSON.stringify(text),
    );
  }
});

test('a large file is split with interruptions', () => {
  const text = Array.from({ length: 10_000 }, (_, index) => `\treal=10.0.0.1:${index} gate\n`).join('');
  const work = splitInSlices(text);
  let interruptions = 0;
  let step = work.next();
  for (; !step.done; step = work.next()) interruptions += 1;
  assert.ok(interruptions >= 10);
  assert.deepEqual(step.value, splitLines(text));
});
