import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verbHelp } from '../../src/verbs/help.js';
import { verbRow, verbTable } from '../../src/verbs/table.js';

test('every verb’s help has its usage and examples, no line too wide for a terminal, and no markup', () => {
  for (const row of verbTable) {
    const text = verbHelp(row);
    assert.match(text, new RegExp(`^Usage: ldirectord \\[options\\] \\[CONFIG\\] ${row.name}\\b`));
    assert.match(text, new RegExp(`\\nExamples\\n(  ldirectord ${row.name}\\b.*\\n)+$`), row.name);
    assert.ok(!text.includes('`'), row.name);
    for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
  }
});

test('options are announced where there are any besides the arguments', () => {
  const usages = ['list', 'top', 'events', 'drain', 'completion', 'reload'].map((name) => {
    const row = verbRow(name) ?? assert.fail(name);
    return verbHelp(row).split('\n')[0]?.replace('Usage: ldirectord [options] [CONFIG] ', '');
  });
  assert.deepEqual(usages, [
    'list [SERVER] [options]',
    'top [--every TIME]',
    'events [--follow] [options]',
    'drain SERVER [options]',
    'completion SHELL',
    'reload',
  ]);
});
