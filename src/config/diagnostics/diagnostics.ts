/** What is to be said about a configuration file: collected as data, printed at the edge. */

import { styleText } from 'node:util';
import type { Span } from '../../model/config.js';
import type { DiagnosticCode } from './codes.js';
import { excerpt } from './excerpt.js';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  /** What is wrong and, for a warning, what was assumed. */
  readonly message: string;
  readonly span: Span;
}

export interface FormatOptions {
  /** As it is to be named. */
  readonly file: string;
  /** The file's text, of which the lines are quoted. */
  readonly text: string;
  readonly colour: boolean;
}

/**
 * All of them by place, each with its line and a caret, and their numbers at the end. Ends with a newline;
 * empty where there are none. Secrets in quoted lines are masked.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions): string {
  if (diagnostics.length === 0) {
    return '';
  }
  const lines = options.text.split('\n');
  const entries = diagnostics
    .toSorted((a, b) => a.span.line - b.span.line || a.span.column - b.span.column)
    .map((diagnostic) => formatOne(diagnostic, lines[diagnostic.span.line - 1], options));
  return `${entries.join('')}${counts(diagnostics)}\n`;
}

function formatOne(
  { severity, code, message, span }: Diagnostic,
  line: string | undefined,
  { file, colour }: FormatOptions,
): string {
  const hue = severity === 'error' ? 'red' : 'yellow';
  const styled = (style: 'bold' | typeof hue, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const place = styled('bold', `${file}:${span.line}:${span.column}:`);
  const head = `${place} ${styled(hue, `${severity}:`)} ${message} [${code}]\n`;
  if (line === undefined) {
    return head;
  }
  const quoted = excerpt(line, span);
  return `${head}  ${quoted.line}\n  ${styled(hue, quoted.carets)}\n`;
}

function counts(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']): string => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return number === 0 ? '' : `${number} ${severity}${number === 1 ? '' : 's'}`;
  };
  return [count('error'), count('warning')].filter((text) => text !== '').join(', ');
}
