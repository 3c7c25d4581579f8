/** Everything that the doctor can find. The manual prints this table. */

import { realFindings } from './real-codes.js';

export interface FindingRow {
  readonly severity: 'error' | 'warning';
  /** What does not work while it is so. */
  readonly breaks: string;
}

export const findings = {
  'forwarding-off': {
    severity: 'error',
    breaks: 'packets that are masqueraded never leave for the real servers: connections hang',
  },
  ...realFindings,
} as const satisfies Readonly<Record<string, FindingRow>>;

export type FindingCode = keyof typeof findings;
