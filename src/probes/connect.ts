/** Up means: the port takes a TCP connection, whatever becomes of it then; one that is reset at once was taken. */

import { answer } from './failure.js';
import type { Check, ProbeAnswer } from './probe.js';
import { connectTo } from './sockets/tcp-connect.js';

export function probeConnect(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const socket = await connectTo(check, signal);
    socket.end();
    return 'connect: accepted';
  });
}
