/** Everything that the doctor can find. The manual prints this table. */

import { directorFindings } from './director-codes.js';
import { realFindings } from './real-codes.js';

export interface FindingRow {
  readonly severity: 'error' | 'warning';
  /** What does not work while it is so. */
  readonly breaks: string;
}

export const findings = {
  ...directorFindings,
  ...realFindings,
} as const satisfies Readonly<Record<string, FindingRow>>;

export type FindingCode = keyof typeof findings;
