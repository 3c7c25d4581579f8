/** Pure-FTPd, with one user and one file. */

import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { promisify } from 'node:util';
import { lacks } from '../../../helpers/programs.js';
import { hashOf } from '../../../helpers/servers/own-system.js';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles } from '../certificates.js';
import { content, downCase, filesCases, greeted, refused, right } from './cases.js';

const program = '/usr/sbin/pure-ftpd';
const maker = '/usr/bin/pure-pw';
const run = promisify(execFile);

function startPureftpd(...options: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ address, port, directory }) => [
      ...['-S', `${address},${port}`, '-l', `puredb:${directory}/users.pdb`, '-g', `${directory}/pid`],
      ...['-A', '-E', '-H', '-u', '1', '-2', `${directory}/both.pem`, ...options],
    ],
    env: unpackedLibraries,
    files: ({ directory }) => ({
      users: `monitor:${hashOf('hunter2')}:65534:65534::${directory}/root/./::::::::::::\n`,
      'root/status.txt': `${content}\n`,
      ...certificateFiles(),
    }),
    async prepare({ directory }) {
      await chmod(directory, 0o755);
      for (const name of ['users', 'both.pem']) await chmod(`${directory}/${name}`, 0o600);
      await run(located(maker), ['mkdb', `${directory}/users.pdb`, '-f', `${directory}/users`], {
        env: { ...process.env, ...unpackedLibraries },
      });
    },
  });
}

const base = {
  service: 'ftp',
  server: 'Pure-FTPd',
  missing: lacksFiles(program, maker) || lacksRoot() || lacks('openssl'),
} as const;

export const pureftpd: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped, TLS offered',
    start: () => startPureftpd('-Y', '1'),
    // It thinks for seconds about whom it refuses.
    cases: [
      ...filesCases('tls=starttls'),
      greeted,
      refused('tls=starttls'),
      ...certificateCases(`tls=starttls\n${right}`),
      stopped(right),
    ],
  },
  {
    ...base,
    settings: 'oldest: no TLS, broken clients borne with',
    start: () => startPureftpd('-Y', '0', '-b'),
    cases: [...filesCases(), downCase('TLS', `tls=starttls\n${right}`, /^starttls: /)],
  },
  {
    ...base,
    settings: 'TLS required of the commands',
    start: () => startPureftpd('-Y', '2'),
    cases: [
      greeted,
      ...filesCases('tls=starttls'),
      downCase('password in clear', right, /^login: the server says "421 /),
    ],
  },
  {
    ...base,
    settings: 'strictest: TLS required of the commands and the data',
    start: () => startPureftpd('-Y', '3', '-r', '-s', '-x', '-X', '-R'),
    cases: filesCases('tls=starttls'),
  },
];
