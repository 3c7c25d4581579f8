/** The TFTP server of tftpd-hpa, with files of its own. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listensUdp } from '../datagram-peer.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const tftpdMissing = lacks('in.tftpd') || (process.getuid?.() === 0 ? false : 'in.tftpd needs root');

/** Contents by name; it serves nothing else. */
export function startTftpd(files: Readonly<Record<string, string>>): Promise<ServerProgram> {
  return startServer({
    program: 'in.tftpd',
    args: ({ address, port, directory }) => [
      '--foreground',
      '--address',
      `${address}:${port}`,
      '--user',
      'root',
      '--secure',
      join(directory, 'files'),
    ],
    files: () => Object.fromEntries(Object.entries(files).map(([name, text]) => [join('files', name), text])),
    prepare: async ({ directory }) => void (await mkdir(join(directory, 'files'), { recursive: true })),
    ready: listensUdp,
  });
}
