/** What the kernel's error numbers are called, and errors for whoever asked. */

import type { ExchangeFailure } from '../../netlink/connection.js';
import type { NetlinkAnswer } from '../../netlink/messages.js';
import { errnoName, reasonOf } from '../../netlink/reasons.js';

/** `code` is an errno name; the message says what failed, why, and what to do where that is known. */
export class KernelError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const useOtherBackend = 'use --backend userspace, which balances in this process and needs neither IPVS nor root';

const notPermitted = `not permitted: run it as root, or with the capability CAP_NET_ADMIN; or ${useOtherBackend}`;

/** `what` was asked for: `read the services`. */
export function kernelError(what: string, answer: NetlinkAnswer): KernelError {
  const code = errnoName(answer.errno);
  const reason = code === 'EPERM' ? notPermitted : reasonOf(answer);
  return new KernelError(code, `kernel IPVS: ${what}: ${reason}`);
}

export function exchangeError(what: string, failure: ExchangeFailure): KernelError {
  return new KernelError(failure.code, `kernel IPVS: ${what}: ${failure.message}`, failure);
}

/** `refusal` is why the module could not be loaded; null where it was, or seemed to be. */
export function noIpvs(refusal: string | null): KernelError {
  const tried = refusal === null ? '' : ` (${refusal})`;
  return new KernelError(
    'ENOENT',
    `kernel IPVS: this kernel has none${tried}: load it with \`modprobe ip_vs\`, in a container on its host; or ${useOtherBackend}`,
    refusal ?? undefined,
  );
}

export function noSocket(failure: ExchangeFailure): KernelError {
  return new KernelError(failure.code, `kernel IPVS: ${failure.message}; ${useOtherBackend}`, failure);
}
