/** The section `[ssh]` of the settings file: how real servers are logged in to. One row a key; the manual prints them. */

import { type Row, row } from './row.js';
import * as read from './values.js';

export interface SshSettings {
  readonly user: string;
  /** A file with a private key; null is those that ssh(1) takes by itself. */
  readonly key: string | null;
  /** Secrets stand in files, and nowhere else. */
  readonly keyPassphraseFile: string | null;
  /** The agent whose keys are offered: that of the environment where this is true, or a socket. */
  readonly agent: boolean | string;
  readonly passwordFile: string | null;
  readonly sudoPasswordFile: string | null;
  /** Empty is the user's and the system's. */
  readonly knownHosts: readonly string[];
  readonly port: number;
  /** Null is a straight way. */
  readonly jumpHost: JumpHost | null;
  /** Seconds. */
  readonly timeout: number;
  /** Connections at once. */
  readonly limit: number;
}

export interface JumpHost {
  /** Null is the user of the real servers. */
  readonly user: string | null;
  readonly host: string;
  /** Null is the port of SSH. */
  readonly port: number | null;
}

const none = { words: 'none' } as const;

export const sshRows: { readonly [K in keyof SshSettings]: Row<SshSettings[K]> } = {
  user: row('user', 'root', 'who logs in; where it is not root, sudo is needed', read.name('the name of a user')),
  key: row('key', null, 'a file with a private key', read.path, {
    words: 'id_ed25519, id_ecdsa and id_rsa in `~/.ssh`, those that are there',
  }),
  keyPassphraseFile: row('keypassphrasefile', null, 'a file with the passphrase of the keys', read.path, none),
  agent: row(
    'agent',
    true,
    'whether the keys of an agent are offered, too: `yes` is the one that SSH_AUTH_SOCK names, a path the one that listens there',
    read.yesNoOrPath,
  ),
  passwordFile: row('passwordfile', null, 'a file with the password of the user', read.path, none),
  sudoPasswordFile: row(
    'sudopasswordfile',
    null,
    'a file with the password that sudo wants from the user; without it sudo must not want one',
    read.path,
    none,
  ),
  knownHosts: row(
    'knownhosts',
    [],
    'files with the keys of the servers, separated by commas, as ssh-keyscan(1) writes them',
    read.paths,
    { words: '`~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`' },
  ),
  port: row('port', 22, 'where the servers listen for SSH', read.numberFrom(1, 65_535)),
  jumpHost: row('jumphost', null, 'the host by which they are reached: `[USER@]HOST[:PORT]`', read.jumpHost, none),
  timeout: row('timeout', 10, 'seconds for connecting and for logging in', read.numberFrom(1, 600)),
  limit: row('limit', 16, 'connections at once', read.numberFrom(1, 1000)),
};
