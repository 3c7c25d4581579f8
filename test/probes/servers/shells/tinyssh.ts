/** TinySSH, started for each connection by tcpserver. It takes keys alone, so that nobody logs in here. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Served, stopped } from '../case.js';
import { greeted, right } from './cases.js';

const program = '/usr/sbin/tinysshd';
const keys = '/usr/sbin/tinysshd-makekey';
const listener = '/usr/bin/tcpserver';
const run = promisify(execFile);

function startTinyssh(...options: readonly string[]): Promise<ServerProgram> {
  return startServer({
    program: located(listener),
    args: ({ address, port, directory }) => [
      ...['-HRDl0', address, String(port)],
      ...[located(program), ...options, `${directory}/keys`],
    ],
    env: unpackedLibraries,
    async prepare({ directory }) {
      await run(located(keys), ['-q', `${directory}/keys`]);
    },
  });
}

const base = { service: 'ssh', server: 'TinySSH', missing: lacksFiles(program, keys, listener) } as const;

export const tinyssh: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startTinyssh(),
    cases: [
      greeted,
      { name: 'greeting', ask: 'receive="tinyssh"', up: true, says: /^key exchange: / },
      { name: 'password', ask: right, up: false, says: /^login: / },
      stopped(''),
    ],
  },
  {
    ...base,
    settings: 'strictest: a key exchange that withstands quantum computers alone',
    start: () => startTinyssh('-S'),
    cases: [greeted],
  },
];
