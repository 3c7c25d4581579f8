import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDiagnostics } from '../../src/verbs/inspect.js';

test('a terminal is shown diagnostics in colour, unless NO_COLOR is set', (t) => {
  const before = process.env['NO_COLOR'];
  t.after(() => {
    if (before === undefined) delete process.env['NO_COLOR'];
    else process.env['NO_COLOR'] = before;
  });
  const warning = {
    severity: 'warning',
    code: 'capitals',
    message: 'odd',
    span: { line: 1, column: 1, length: 3 },
  } as const;
  const shownOn = (stream: Partial<NodeJS.WriteStream>): string =>
    describeDiagnostics('a.cf', { text: 'odd\n', diagnostics: [warning] }, stream as NodeJS.WriteStream);
  delete process.env['NO_COLOR'];
  assert.ok(shownOn({ isTTY: true, columns: 80 }).includes('\x1b['));
  assert.ok(!shownOn({}).includes('\x1b['));
  process.env['NO_COLOR'] = '1';
  assert.ok(!shownOn({ isTTY: true, columns: 80 }).includes('\x1b['));
});
