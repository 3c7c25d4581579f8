/** chronyd from its package; it serves the time and leaves the clock alone. */

import { listensUdp } from '../datagram-peer.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const chronyMissing = lacks('chronyd') || (process.getuid?.() === 0 ? false : 'chronyd needs root');

/** Without further settings it has no time to give. */
export function startChrony(...settings: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: 'chronyd',
    args: ({ directory }) => ['-d', '-x', '-u', 'root', '-f', `${directory}/chrony.conf`],
    files: ({ directory, address, port }) => ({
      'chrony.conf': [
        `port ${port}`,
        `bindaddress ${address}`,
        `allow ${address}`,
        'cmdport 0',
        'bindcmdaddress /',
        `pidfile ${directory}/chronyd.pid`,
        ...settings,
        '',
      ].join('\n'),
    }),
    ready: listensUdp,
  });
}
