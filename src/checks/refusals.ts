/** Services whose probe needs a package that is not installed: a file that asks for one is refused, by name. */

import type { Diagnostic } from '../config/diagnostics.js';
import type { Config, Virtual } from '../config/model.js';
import { isNegotiated } from '../probes/probe.js';
import { settled } from './check.js';

const oraclePackage = 'oracledb';

/** The package that checks of Oracle need and that is not there; null where it is. */
export function missingOraclePackage(): string | null {
  try {
    import.meta.resolve(oraclePackage);
    return null;
  } catch {
    return oraclePackage;
  }
}

export function refusals(config: Config): Diagnostic[] {
  return config.virtuals.filter((virtual) => settled(virtual) === null).flatMap(refusalsOf);
}

function refusalsOf({ checktype, service, span }: Virtual): Diagnostic[] {
  const lacking = service === 'oracle' && isNegotiated(checktype) ? missingOraclePackage() : null;
  if (lacking === null) return [];
  const message = `service=oracle needs the package ${lacking}, which is not installed: run "npm install ${lacking}" where ldirectord is installed, or choose another checktype`;
  return [{ severity: 'error', code: 'missing-package', message, span }];
}
