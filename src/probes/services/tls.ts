/**
 * Whether a server completes a TLS handshake, with a certificate as the check wants it. Whether it accepts the
 * client's certificate shows in TLS 1.3 only in what it says afterwards, which this probe does not wait for.
 */

import tls from 'node:tls';
import { answer, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withConnection } from '../sockets/dial.js';

export function probeTls(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withConnection(check, signal, async ({ socket }) => {
      const version = socket instanceof tls.TLSSocket ? socket.getProtocol() : null;
      return `tls: ${printable(version ?? 'unknown version')}`;
    }),
  );
}
