/** Servers that want users, files or folders of the system to be theirs: in mounts of their own they find them so. */

import { execFileSync, spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { lacks } from '../programs.js';
import { type Place, type ServerProgram, type ServerSpec, startServer } from './server-program.js';

export const ownSystemMissing: string | false =
  lacks('openssl') ||
  (spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'no mounts of its own can be had (unshare)');

export interface User {
  readonly name: string;
  /** Without one nobody can log in. */
  readonly password?: string;
}

export interface OwnSystem extends Omit<ServerSpec, 'program' | 'args'> {
  readonly users: readonly User[];
  /** What /etc holds beyond the users, contents by path. */
  readonly etc?: (place: Place) => Readonly<Record<string, string>>;
  /** Folders below /run, which is empty otherwise. */
  readonly run?: readonly string[];
  /** Lines of a shell, the last of which becomes the server. */
  readonly script: (place: Place) => string;
}

/** Numbers of users that no system has. */
const firstUser = 33_400;

export function userNumber(users: readonly User[], name: string): number {
  return firstUser + users.findIndex((user) => user.name === name);
}

export function startOnOwnSystem({
  users,
  etc,
  run = [],
  script,
  files,
  prepare,
  ...spec
}: OwnSystem): Promise<ServerProgram> {
  return startServer({
    ...spec,
    program: 'unshare',
    args: ({ directory }) => ['--mount', 'sh', `${directory}/start`],
    files: (place) => ({
      start: `set -e
mount --bind ${place.directory}/etc /etc
mount -t tmpfs none /run
mkdir -p /run/lock ${run.map((name) => `/run/${name}`).join(' ')}
${script(place)}
`,
      ...below('etc', { ...usersFiles(users, place), hosts: '127.0.0.1 localhost\n', ...etc?.(place) }),
      'home/.keep': '',
      ...files?.(place),
    }),
    async prepare(place) {
      // Its users have their homes there.
      await chmod(place.directory, 0o755);
      await prepare?.(place);
    },
  });
}

function below(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

export function usersFiles(users: readonly User[], { directory }: Pick<Place, 'directory'>): Record<string, string> {
  const number = ({ name }: User): number => userNumber(users, name);
  return {
    passwd: [
      'root:x:0:0::/root:/bin/sh',
      'nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin',
      ...users.map((user) => `${user.name}:x:${number(user)}:${number(user)}::${directory}/home:/bin/sh`),
      '',
    ].join('\n'),
    group: ['root:x:0:', 'nogroup:x:65534:', ...users.map((user) => `${user.name}:x:${number(user)}:`), ''].join('\n'),
    shadow: users.map(({ name, password }) => `${name}:${hashOf(password)}:19000::::::\n`).join(''),
  };
}

/** As shadow(5) has it; an asterisk for nobody's. */
export function hashOf(password: string | undefined): string {
  if (password === undefined) return '*';
  return execFileSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' }).trim();
}
