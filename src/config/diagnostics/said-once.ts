/** Warnings whose remedy is one for all virtual services, so that each is said once for the file. */

import type { Config, Virtual } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import type { WarningCode } from './codes.js';
import type { Diagnostic } from './diagnostics.js';

export interface SaidOnce {
  readonly code: WarningCode;
  readonly message: string;
  readonly isMeant: (virtual: Virtual) => boolean;
}

/** At the first virtual service that is meant, with how many more there are. */
export function sayOnce(config: Config, { code, message, isMeant }: SaidOnce): Diagnostic[] {
  const [first, ...others] = config.virtuals.filter(isMeant);
  if (first === undefined) return [];
  const many = others.length === 0 ? '' : ` (and ${others.length} more virtual services)`;
  return [{ severity: 'warning', code, message: `${message}${many}`, span: spanIn(config, first) }];
}
