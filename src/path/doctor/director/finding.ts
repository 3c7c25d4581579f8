import type { FindingCode } from '../codes.js';
import type { Finding } from '../finding.js';

type Details = Pick<Finding, 'object' | 'for' | 'seen' | 'mend'>;

export function onDirector(code: FindingCode, details: Details): Finding {
  return { code, on: 'director', ...details };
}
