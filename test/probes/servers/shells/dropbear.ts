/** Dropbear. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ownSystemMissing, startOnOwnSystem } from '../../../helpers/servers/own-system.js';
import type { ServerProgram } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import type { Served } from '../case.js';
import { command, failedCommand, greeted, loggedIn, refused, right, stoppedShell } from './cases.js';

const program = '/usr/sbin/dropbear';
const keys = '/usr/bin/dropbearkey';
const run = promisify(execFile);

function startDropbear(key: readonly string[], ...options: readonly string[]): Promise<ServerProgram> {
  return startOnOwnSystem({
    users: [{ name: 'monitor', password: 'hunter2' }],
    script: ({ address, port, directory }) =>
      `exec ${located(program)} -F -E -r ${directory}/key -p ${address}:${port} -P ${directory}/pid ${options.join(' ')}`,
    env: unpackedLibraries,
    async prepare({ directory }) {
      await run(located(keys), ['-t', ...key, '-f', `${directory}/key`], {
        env: { ...process.env, ...unpackedLibraries },
      });
    },
  });
}

const base = {
  service: 'ssh',
  server: 'Dropbear',
  missing: lacksFiles(program, keys) || lacksRoot() || ownSystemMissing,
} as const;

export const dropbear: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startDropbear(['ed25519']),
    cases: [greeted, loggedIn, refused, command, failedCommand, stoppedShell],
  },
  {
    ...base,
    settings: 'strictest: no passwords, no forwarding, one try',
    start: () => startDropbear(['ed25519'], '-s', '-w', '-j', '-k', '-T', '1'),
    cases: [greeted, { ...loggedIn, up: false, says: /^login: / }],
  },
  {
    ...base,
    settings: 'oldest: an RSA key of 1024 bits',
    start: () => startDropbear(['rsa', '-s', '1024']),
    cases: [greeted, { ...loggedIn, ask: right }],
  },
];
