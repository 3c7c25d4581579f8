/**
 * A script that is run for each link that comes up. What others say of a link in files of their own can come behind ours:
 * a route by an address that is not there yet would keep ifup(8) from the link. A keyfile of NetworkManager can neither add
 * to a link that somebody else has configured, nor be of a tunnel that the kernel has by itself.
 */

import type { Change } from '../../needs/change.js';
import { quote } from '../../quote.js';
import { bootCommand } from './boot-command.js';
import type { WantedFile } from './files.js';
import { header } from './kernel-files.js';

interface Hook {
  readonly path: string;
  /** Sets `link`, and ends where nothing has come up. */
  readonly head: readonly string[];
}

/** interfaces(5), and run-parts(8), which takes no name with a dot. */
const ifupdown: Hook = { path: '/etc/network/if-up.d/ldirectord', head: ['link=$IFACE'] };
/** NetworkManager-dispatcher(8). */
const networkManager: Hook = {
  path: '/etc/NetworkManager/dispatcher.d/60-ldirectord',
  head: ['[ "$2" = up ] || exit 0', 'link=$1'],
};
export const hooks = { ifupdown, NetworkManager: networkManager } as const;

export function hookFile({ path, head }: Hook, changes: readonly Change[]): WantedFile {
  const lines = ['#!/bin/sh', header, ...head, ...changes.map(inTime), 'exit 0'];
  return { path, text: lines.map((line) => `${line}\n`).join(''), mode: '755' };
}

/** Before its link is up no route goes by it. */
function inTime(change: Change): string {
  const command = bootCommand(change);
  if (change.kind !== 'add-route' || change.device === null) return command;
  return `[ "$link" != ${quote(change.device)} ] || ${command}`;
}
