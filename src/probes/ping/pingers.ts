/** The sockets for pings of this thread: one for each family, opened when one is needed. */

import { failureBy } from '../failure.js';
import { atRelease } from '../release.js';
import type { Version } from '../sockets/host-address.js';
import { EchoSocket } from './echo-socket.js';
import { Pinger } from './pinger.js';

/** Milliseconds after which a socket is closed that nothing was sent by. */
const idleTime = 30_000;

interface Kept {
  readonly pinger: Pinger;
  readonly timer: NodeJS.Timeout;
}

const kept = new Map<Version, Kept>();

/** Null where this process has no permission for such a socket. Throws a ProbeFailure where it cannot be opened. */
export function pingerFor(version: Version): Pinger | null {
  const known = kept.get(version);
  if (known !== undefined) return known.pinger;
  const socket = open(version);
  if (socket === null) return null;
  const pinger = new Pinger(socket);
  const closeIdle = () => {
    if (!pinger.wasUsed()) close(version);
  };
  kept.set(version, { pinger, timer: setInterval(closeIdle, idleTime).unref() });
  return pinger;
}

/** Who still waits for a reply is told that it is abandoned. */
function closeAll(): void {
  for (const version of kept.keys()) close(version);
}

atRelease(closeAll);

function close(version: Version): void {
  const found = kept.get(version);
  kept.delete(version);
  clearInterval(found?.timer);
  found?.pinger.close();
}

function open(version: Version): EchoSocket | null {
  try {
    return EchoSocket.open(version);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return null;
    throw failureBy('ping', error);
  }
}
