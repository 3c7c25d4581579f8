/** Whether a TCP connection is accepted. */

import type { Answer, Check } from './probe.js';
import { withConnection } from './wire/dial.js';
import { answer } from './wire/failure.js';

export function probeConnect(check: Check, signal: AbortSignal): Promise<Answer> {
  const target = { address: check.address, port: check.port, tls: null };
  return answer(() => withConnection(target, signal, async () => 'connect: accepted'));
}
