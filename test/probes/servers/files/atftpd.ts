/** atftpd, with one file. */

import { chmod } from 'node:fs/promises';
import { listensUdp } from '../../../helpers/datagram-peer.js';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Case, type Served, stopped } from '../case.js';
import { content } from './cases.js';

const program = '/usr/sbin/atftpd';

function startAtftpd(...options: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ address, port, directory }) => [
      ...['--daemon', '--no-fork', '--port', String(port), '--bind-address', address, '--logfile', '-'],
      ...[...options, `${directory}/files`],
    ],
    env: unpackedLibraries,
    files: () => ({
      'files/status.txt': `${content}\n`,
      'files/long.txt': `${'x'.repeat(3000)}end`,
      'files/closed.txt': content,
    }),
    async prepare({ directory }) {
      await chmod(directory, 0o755);
      await chmod(`${directory}/files/closed.txt`, 0o600);
    },
    ready: listensUdp,
  });
}

const ask = `request="status.txt"\nreceive="${content}"`;
const file: Case = { name: 'file', ask, up: true, says: /^response: a match in 12 bytes$/ };
const long: Case = {
  name: 'end of a longer file',
  ask: 'request="long.txt"\nreceive="xend"',
  up: true,
  says: /^response: a match in/,
};
const absent: Case = { name: 'no such file', ask: 'request="none.txt"', up: false, says: /^(query|response): / };

const base = { service: 'tftp', server: 'atftpd', missing: lacksFiles(program) || lacksRoot() } as const;

export const atftpd: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startAtftpd(),
    cases: [
      file,
      long,
      absent,
      { name: 'another content', ask: 'request="status.txt"\nreceive="ill"', up: false, says: /^response: no match/ },
      { name: 'file that it may not read', ask: 'request="closed.txt"', up: false, says: /^(query|response): / },
      stopped(ask),
    ],
  },
  {
    ...base,
    settings: 'oldest: no options of later years',
    start: () => startAtftpd('--no-blksize', '--no-tsize', '--no-timeout', '--no-windowsize', '--no-multicast'),
    cases: [file, long, absent],
  },
];
