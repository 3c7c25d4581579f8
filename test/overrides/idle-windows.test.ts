import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostics } from '../../src/config/diagnostics/diagnostics.js';
import { readSettings } from '../../src/config/settings/settings.js';
import { idleWindows } from '../../src/overrides/idle-windows.js';
import { configOf } from '../helpers/configuration.js';

const config = configOf(`virtual=192.0.2.1:80
\treal=10.0.0.1:8080 masq
\treal=10.0.0.2:80 masq
virtual=5
\treal=10.0.0.3 gate
`);

/** What a window says, and what the caret stands below; null where the window is about somebody. */
const windows: readonly (readonly [lines: string, marked: string | null])[] = [
  ['server = 10.0.0.1', null],
  ['server = 10.0.0.2:80', null],
  ['virtual = 5', null],
  ['virtual = 192.0.2.1:80\nserver = 10.0.0.2', null],
  ['server = 10.0.0.4', '10.0.0.4'],
  ['server = 10.0.0.1:80', '10.0.0.1:80'],
  ['virtual=192.0.2.1', '192.0.2.1'],
  ['virtual = 6 ; a comment', '6 ; a comment'],
  ['virtual = 5\nserver = "10.0.0.1"', '"10.0.0.1"'],
  ['server = 10.0.0.4\nvirtual = 6', '6'],
];

for (const [lines, marked] of windows) {
  test(`${JSON.stringify(lines)} is about ${marked === null ? 'somebody' : 'nobody, which is warned of'}`, () => {
    const text = `[maintenance night]\n${lines}\ndrainat=2026-11-22 02:00\n`;
    const { settings, diagnostics } = readSettings(text);
    assert.deepEqual(diagnostics, []);
    const found = idleWindows(settings, config);
    assert.equal(found.length, marked === null ? 0 : 1);
    for (const diagnostic of found) {
      const { line, column, length } = diagnostic.span;
      assert.equal(diagnostic.severity, 'warning');
      assert.equal(text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length), marked);
      const printed = formatDiagnostics(found, { file: 'ldirectord.ini', text, colour: false });
      assert.match(
        printed,
        /^ldirectord\.ini:\d+:\d+: warning: no .* is called '[\d.:]+' in this configuration; .*\^/s,
      );
    }
  });
}
