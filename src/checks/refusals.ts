/** Services and check types that cannot be probed here: a file that asks for one is refused, by name. */

import type { Diagnostic } from '../config/diagnostics.js';
import type { Config, Virtual } from '../config/model.js';
import { isNegotiated, unbuilt } from '../probes/index.js';
import { missingOraclePackage } from '../probes/oracle.js';
import { settled } from './check.js';

export function refusals(config: Config): Diagnostic[] {
  return config.virtuals.filter((virtual) => settled(virtual) === null).flatMap(refusalsOf);
}

function refusalsOf({ checktype, service, span }: Virtual): Diagnostic[] {
  const missing = unbuilt(checktype, service);
  if (missing !== null) {
    const message = `${missing} cannot be checked by this version: choose another checktype, or checktype=on`;
    return [{ severity: 'error', code: 'no-probe', message, span }];
  }
  const lacking = service === 'oracle' && isNegotiated(checktype) ? missingOraclePackage() : null;
  if (lacking === null) return [];
  const message = `service=oracle needs the package ${lacking}, which is not installed: run "npm install ${lacking}" where ldirectord is installed, or choose another checktype`;
  return [{ severity: 'error', code: 'missing-package', message, span }];
}
