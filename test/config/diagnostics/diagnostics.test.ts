import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styleText } from 'node:util';
import type { DiagnosticCode } from '../../../src/config/diagnostics/codes.js';
import { type Diagnostic, formatDiagnostics } from '../../../src/config/diagnostics/diagnostics.js';

function warning(line: number, column: number, length: number, message = 'odd'): Diagnostic {
  return { severity: 'warning', code: 'odd-line' as DiagnosticCode, message, span: { line, column, length } };
}

function format(text: string, ...diagnostics: readonly Diagnostic[]): string[] {
  return formatDiagnostics(diagnostics, { file: 'web.cf', text, colour: false }).split('\n');
}

/** The characters above the carets. */
function marked(lines: readonly string[]): string {
  const [, line = '', carets = ''] = lines;
  return line.slice(carets.indexOf('^'), carets.length);
}

test('file, place, severity, message, code, line, caret, count', () => {
  assert.deepEqual(format('a=1\nautoreload=maybe\n', warning(2, 12, 5, 'neither yes nor no')), [
    'web.cf:2:12: warning: neither yes nor no [odd-line]',
    '  autoreload=maybe',
    '             ^~~~~',
    '1 warning',
    '',
  ]);
});

test('sorted by place, and counted by severity', () => {
  const error: Diagnostic = { ...warning(1, 5, 1), severity: 'error' };
  const lines = format('abcdefg\nb', warning(2, 1, 1), warning(1, 7, 1), error, {
    ...error,
    span: warning(1, 6, 1).span,
  });
  assert.deepEqual(
    lines.filter((line) => line.startsWith('web.cf')).map((line) => line.split(' ')[0]),
    ['web.cf:1:5:', 'web.cf:1:6:', 'web.cf:1:7:', 'web.cf:2:1:'],
  );
  assert.equal(lines.at(-2), '2 errors, 2 warnings');
});

test('nothing to say is nothing printed', () => {
  assert.deepEqual(format('a'), ['']);
});

test('tabs stay tabs, so that the caret stands below whatever their width', () => {
  assert.deepEqual(format('\treal=\tbad', warning(1, 8, 3)).slice(1, 3), ['  \treal=\tbad', '  \t     \t^~~']);
});

test('wide characters take two columns, combining ones none', () => {
  assert.deepEqual(format('# 由此 x', warning(1, 6, 1)).slice(1, 3), ['  # 由此 x', '         ^']);
  assert.deepEqual(format('由此', warning(1, 2, 1)).slice(1, 3), ['  由此', '    ^~']);
  assert.deepEqual(format('e\u0301x', warning(1, 3, 1)).slice(1, 3), ['  e\u0301x', '   ^']);
  assert.deepEqual(format('😀x', warning(1, 3, 1)).slice(1, 3), ['  😀x', '    ^']);
});

test('a carriage return and a byte order mark do not show, other control characters as U+FFFD', () => {
  assert.deepEqual(format('a=1\r\n', warning(1, 4, 1)).slice(1, 3), ['  a=1', '     ^']);
  assert.deepEqual(format('\ufeffa=1', warning(1, 1, 1)).slice(1, 3), ['  \ufeffa=1', '  ^']);
  assert.deepEqual(format('a\u001b[2Jb', warning(1, 6, 1)).slice(1, 3), ['  a\ufffd[2Jb', '       ^']);
});

test('a long line is cut around the place', () => {
  const text = `${'a'.repeat(5000)}BAD${'c'.repeat(5000)}`;
  const lines = format(text, warning(1, 5001, 3));
  assert.equal(marked(lines), 'BAD');
  assert.match(lines[1] ?? '', /^ {2}…a+BADc+…$/);
  assert.ok((lines[1] ?? '').length < 130);
});

test('a span longer than a long line starts in sight', () => {
  const lines = format('x'.repeat(1000), warning(1, 1, 1000));
  assert.match(lines[1] ?? '', /^ {2}x+…$/);
  assert.match(lines[2] ?? '', /^ {2}\^~+$/);
  assert.ok((lines[2] ?? '').length <= (lines[1] ?? '').length);
});

test('a place behind the end of a line or of the text', () => {
  assert.deepEqual(format('ab', warning(1, 3, 1)).slice(1, 3), ['  ab', '    ^']);
  assert.deepEqual(format('ab', warning(9, 1, 1)), ['web.cf:9:1: warning: odd [odd-line]', '1 warning', '']);
});

test('secrets are masked, and the caret stays where it was', () => {
  const lines = format('  passwd = "hunter2" x', warning(1, 22, 1));
  assert.deepEqual(lines.slice(1, 3), ['    passwd = "*******" *', `${' '.repeat(23)}^`]);
});

test('colour where it is asked for', () => {
  const text = formatDiagnostics([warning(1, 1, 1)], { file: 'web.cf', text: 'a', colour: true });
  assert.ok(text.includes(styleText('yellow', 'warning:')));
  assert.ok(text.includes(styleText('bold', 'web.cf:1:1:')));
});
