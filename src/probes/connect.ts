/** Whether a TCP connection is accepted. */

import type { Answer, Check } from './probe.js';
import { withConnection } from './wire/dial.js';
import { answer } from './wire/failure.js';

export function probeConnect(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() => withConnection(check, signal, async () => 'connect: accepted'));
}
