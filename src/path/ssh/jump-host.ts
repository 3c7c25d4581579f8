/** The way through another host: one connection to it carries those to all others. */

import type { JumpHost } from '../../config/settings/ssh-rows.js';
import type { ShellFault } from '../shell.js';
import { isFault, type SshHost, type Way, whereOf } from './host.js';
import { usualPort } from './known-hosts.js';
import type { Line } from './line.js';

export function jumpHostOf({ user, host: name, port }: JumpHost, usualUser: string): SshHost {
  return { user: user ?? usualUser, address: name, names: [name], port: port ?? usualPort, through: null };
}

export function wayThrough(line: Line): Way {
  // A host that does not let us in is not asked again for each of five hundred servers.
  let refused: ShellFault | null = null;
  return async (host, signal) => {
    const connection = refused ?? (await line.get(signal));
    if (!isFault(connection)) return connection.forward(host, signal);
    if (!signal.aborted) refused = connection;
    const { code, message, remedy } = connection;
    return { code, message: `${whereOf(host)}: by the jump host: ${message}`, remedy };
  };
}
