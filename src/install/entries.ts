/** What is installed, below the prefix: beside the program with its packages, these files. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFlags } from '../process/heap.js';
import { bashCompletion, zshCompletion } from '../verbs/completion.js';
import { entry, manual, systemFiles } from './own.js';

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
 * ipvsadm's. Only what becomes a daemon is given flags: with any flag of V8 Node does not take what it has compiled of
 * itself, and each command takes a fifth more.
 */
function launcher(node: string): string {
  return `#!/bin/sh
here=$(readlink -f "$0")
here=\${here%/*}
case \${0##*/} in ipvsadm|ipvsadm-save|ipvsadm-restore) set -- "\${0##*/}" "$@" ;; esac
node='${node.replaceAll("'", `'\\''`)}'
[ -x "$node" ] || node=node
flags=
for word; do case $word in start|restart|try-restart) flags='${nodeFlags.join(' ')}' ;; esac; done
exec "$node" $flags "$here/../lib/ldirectord/dist/${entry}" "$@"
`;
}

export async function entries(): Promise<Entry[]> {
  const made: Entry[] = [
    { path: 'usr/sbin/ldirectord', text: launcher(process.execPath), isProgram: true },
    { path: 'usr/share/bash-completion/completions/ldirectord', text: bashCompletion() },
    { path: 'usr/share/zsh/vendor-completions/_ldirectord', text: zshCompletion() },
  ];
  return [...made, ...(await Promise.all([...(await pages()), ...given].map(readEntry)))];
}

/** An entry that is a file of the package as it stands. */
interface Given extends Omit<Entry, 'text'> {
  readonly from: string;
}

export const given: readonly Given[] = [
  { from: 'ldirectord.service', path: 'usr/lib/systemd/system/ldirectord.service' },
  { from: 'ldirectord@.service', path: 'usr/lib/systemd/system/ldirectord@.service' },
  { from: 'ldirectord.ocf', path: 'usr/lib/ocf/resource.d/ldirectord/ldirectord', isProgram: true },
  { from: 'ldirectord.default', path: 'etc/default/ldirectord', isSetting: true },
  { from: 'ldirectord.logrotate', path: 'etc/logrotate.d/ldirectord', isSetting: true },
].map((entry) => ({ ...entry, from: join(systemFiles, entry.from) }));

async function pages(): Promise<Given[]> {
  const names = (await readdir(manual)).toSorted();
  return names.map((name) => ({ from: join(manual, name), path: `usr/share/man/man${name.slice(-1)}/${name}` }));
}

async function readEntry({ from, ...entry }: Given): Promise<Entry> {
  return { ...entry, text: await readFile(from, 'utf8') };
}
