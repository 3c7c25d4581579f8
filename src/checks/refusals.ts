/** Services and check types that have no probe: a file that asks for one is refused, by name. */

import type { Diagnostic } from '../config/diagnostics.js';
import type { Config } from '../config/model.js';
import { unbuilt } from '../probes/index.js';
import { settled } from './check.js';

export function refusals(config: Config): Diagnostic[] {
  return config.virtuals.flatMap((virtual): Diagnostic[] => {
    const missing = settled(virtual) === null ? unbuilt(virtual.checktype, virtual.service) : null;
    if (missing === null) return [];
    const message = `${missing} cannot be checked by this version: choose another checktype, or checktype=on`;
    return [{ severity: 'error', code: 'no-probe', message, span: virtual.span }];
  });
}
