/** Ports for what is under test to listen to. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';

/** Below the range that the system takes client ports from, so that none of those comes between. */
const [LOWEST, HIGHEST] = [10_000, 32_000];

/** A port of this address that nobody uses, for TCP or UDP. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
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
