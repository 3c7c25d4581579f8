/** Warnings about what the kernel, as it is set, will not do as the file's author expects. */

import type { Diagnostic } from './diagnostics.js';
import type { Config } from './model.js';

/**
 * `expireQuiescentTemplate` is net.ipv4.vs.expire_quiescent_template as read; null where the kernel has no IPVS.
 * While it is 0 a persistent client is sent on to a server of weight 0 (ipvs-sysctl in the kernel's manual).
 */
export function adviseOnKernel(config: Config, expireQuiescentTemplate: string | null): Diagnostic[] {
  if (expireQuiescentTemplate !== '0') return [];
  return config.virtuals
    .filter(({ quiescent, persistent }) => quiescent && persistent !== null)
    .map(({ span }) => ({
      severity: 'warning',
      code: 'quiescent-persistent',
      message:
        'persistent clients stay with a quiescent server though it is down: ' +
        'set sysctl net.ipv4.vs.expire_quiescent_template=1',
      span,
    }));
}
