/** What is installed, below the prefix: beside the program with its packages, these files. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../src/process/heap.js';
import { bashCompletion, zshCompletion } from '../src/verbs/completion.js';

/** From the compiled program to the repository. */
export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The program as it stands in the repository. */
export const ownProgram = join(repository, 'build/src/cli.js');

/** The compiled program, its packages and the list of what was installed. */
export const library = 'usr/lib/ldirectord';

export interface Entry {
  /** Below the prefix. */
  readonly path: string;
  readonly text: string;
  readonly isProgram?: boolean;
  /** Whether it is the administrator's as soon as it is there. */
  readonly isSetting?: boolean;
}

/**
 * Finds the program beside itself, so that it runs wherever the prefix is, and takes the Node that it was installed
 * with: a unit, or sudo, has another PATH than the shell in which somebody installed it. A link to it may be one of
 * ipvsadm's.
 */
function launcher(node: string): string {
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
case \${0##*/} in ipvsadm|ipvsadm-save|ipvsadm-restore) set -- "\${0##*/}" "$@" ;; esac
node='${node.replaceAll("'", `'\\''`)}'
[ -x "$node" ] || node=node
exec "$node" ${nodeFlags.join(' ')} "$here/../lib/ldirectord/dist/cli.js" "$@"
`;
}

export async function entries(): Promise<Entry[]> {
  const ours = (name: string): Promise<string> => readFile(join(repository, 'systemd', name), 'utf8');
  const manual = join(repository, 'build/src/man');
  return [
    { path: 'usr/sbin/ldirectord', text: launcher(process.execPath), isProgram: true },
    ...(await Promise.all(
      ['ldirectord.service', 'ldirectord@.service'].map(async (name) => ({
        path: `usr/lib/systemd/system/${name}`,
        text: await ours(name),
      })),
    )),
    { path: 'usr/share/bash-completion/completions/ldirectord', text: bashCompletion() },
    { path: 'usr/share/zsh/vendor-completions/_ldirectord', text: zshCompletion() },
    { path: 'usr/lib/ocf/resource.d/ldirectord/ldirectord', text: await ours('ldirectord.ocf'), isProgram: true },
    ...(await Promise.all(
      (
        await readdir(manual)
      ).map(async (name) => ({
        path: `usr/share/man/man${name.slice(-1)}/${name}`,
        text: await readFile(join(manual, name), 'utf8'),
      })),
    )),
    { path: 'etc/default/ldirectord', text: await ours('ldirectord.default'), isSetting: true },
    { path: 'etc/logrotate.d/ldirectord', text: await ours('ldirectord.logrotate'), isSetting: true },
  ];
}
