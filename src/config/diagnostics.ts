/** What is to be said about a configuration file: collected as data, printed at the edge. */

import type { Span } from './model.js';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable name for scripts and tests: `unknown-directive`, `trailing-comment`, … */
  readonly code: string;
  /** What is wrong and, for a warning, what was assumed. */
  readonly message: string;
  readonly span: Span;
}
