/** Ports for what is under test to listen to. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';

/** Below the range that the system takes client ports from, so that none of those comes between. */
const [LOWEST, HIGHEST] = [10_000, 32_000];

/** Test files run in processes side by side: each begins elsewhere, so that they do not take the same port at once. */
const STRIDE = 100;
let next = LOWEST + ((process.pid * STRIDE) % (HIGHEST - LOWEST));

/** A port of this address that nobody uses, for TCP or UDP; never the same twice in a row. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = next;
    next = port + 1 < HIGHEST ? port + 1 : LOWEST;
    if ((await isFree(port, address, 'tcp')) && (await isFree(port, address, 'udp'))) return port;
  }
}

async function isFree(port: number, address: string, protocol: 'tcp' | 'udp'): Promise<boolean> {
  const socket = protocol === 'tcp' ? createServer() : createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    const listening = once(socket, 'listening');
    if ('listen' in socket) socket.listen({ port, host: address, exclusive: true });
    else socket.bind({ port, address, exclusive: true });
    await listening;
  } catch {
    return false;
  }
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return true;
}
