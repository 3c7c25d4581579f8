/** Why there is no connection to a host: what people read of it, and what to do. */

import { lastLine } from '../faults.js';
import type { ShellFault } from '../shell.js';
import { type SshHost, scanOf, whereOf } from './host.js';
import { fingerprint, type HostKeyJudgement, nameInFile, typeOf } from './known-hosts.js';
import type { LoginCourse } from './login.js';

export function hostKeyFault(
  host: SshHost,
  key: Buffer,
  judgement: Exclude<HostKeyJudgement, { readonly is: 'known' }>,
  files: readonly string[],
): ShellFault {
  const where = whereOf(host);
  const shown = `${typeOf(key)} ${fingerprint(key)}`;
  const [file = ''] = files;
  if (judgement.is === 'revoked') {
    return {
      code: 'host-key-differs',
      message: `${where}: it shows the key ${shown}, which ${judgement.by.place} revokes`,
      remedy: 'give the machine new keys: somebody else may have this one, and be this machine',
    };
  }
  if (judgement.is === 'other') {
    const known = judgement.known.map((line) => `${line.type} ${fingerprint(line.key)} (${line.place})`);
    const names = host.names.map((name) => nameInFile(name, host.port));
    return {
      code: 'host-key-differs',
      message: `${where}: it shows the key ${shown}; known is ${known.join(', ')}`,
      remedy: `find out why: another machine may pretend to be this one. If it has new keys: ${names.map((name) => `ssh-keygen -R '${name}' -f ${file}`).join('; ')}; ${scanOf(host, file)}`,
    };
  }
  const authority = judgement.authorities.map(({ place }) => `; @cert-authority in ${place} is not supported`).join('');
  return {
    code: 'host-key-unknown',
    message: `${where}: its key ${shown} is in none of ${files.join(', ')}${authority}`,
    remedy: `compare the fingerprint with the machine's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then: ${scanOf(host, file)}`,
  };
}

export function loginFault(
  host: SshHost,
  { offered, tried, notes, isExhausted }: LoginCourse,
  error: Error | null,
): ShellFault {
  const why = isExhausted
    ? 'refused'
    : `not finished: ${error === null ? 'closed by the server' : lastLine(error.message)}`;
  const takes =
    offered === null ? '' : `; the server takes ${offered.length === 0 ? 'nothing more' : offered.join(', ')}`;
  const shown = tried.length === 0 ? '; nothing that we have is of this kind' : `; tried: ${tried.join(', ')}`;
  const more = notes.map((note) => `; ${note}`).join('');
  return {
    code: 'login-refused',
    message: `${whereOf(host)}: login: ${why}${takes}${shown}${more}`,
    remedy: `put the public key into ~${host.user}/.ssh/authorized_keys there (ssh-copy-id), or correct user, key or passwordfile in [ssh]; see PermitRootLogin and AllowUsers in its sshd_config`,
  };
}

export function handshakeFault(host: SshHost, phase: string, error: Error | null): ShellFault {
  const why = error === null ? 'closed by the server' : lastLine(error.message);
  return {
    code: 'unreachable',
    message: `${whereOf(host)}: ${phase}: ${why}`,
    remedy: 'see the log of its sshd, and which KexAlgorithms, Ciphers and HostKeyAlgorithms it takes (sshd -T)',
  };
}

export function lostFault(host: SshHost, error: Error | null): ShellFault {
  return {
    code: 'lost',
    message: `${whereOf(host)}: the connection is lost${error === null ? '' : `: ${lastLine(error.message)}`}`,
    remedy: 'see whether the machine, its sshd and the way to it are well, and run it again',
  };
}

/** In a connection that stands. */
export function noSession(host: SshHost, error: Error): ShellFault {
  return {
    code: 'login-impossible',
    message: `${whereOf(host)}: the server opens no session: ${lastLine(error.message)}`,
    remedy: 'see MaxSessions, and what is said of this user, in its sshd_config',
  };
}

export function notForwarded(to: SshHost, by: SshHost, error: Error): ShellFault {
  return {
    code: 'unreachable',
    message: `${whereOf(to)}: not reached from the jump host ${whereOf(by)}: ${lastLine(error.message)}`,
    remedy: 'see whether sshd runs there, what filters packets, and AllowTcpForwarding in sshd_config of the jump host',
  };
}
