/** Whether a TCP connection is accepted. */

import type { Answer, Check } from './probe.js';
import { answer } from './wire/failure.js';
import { connectTo } from './wire/tcp-connect.js';

export function probeConnect(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(async () => {
    const socket = await connectTo(check, signal);
    socket.end();
    return 'connect: accepted';
  });
}
