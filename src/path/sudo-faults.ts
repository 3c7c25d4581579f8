/** Why no shell began: sudo(8) did not let us, or there is none for this user. */

import { lastLine } from './faults.js';
import type { As } from './script.js';
import type { ShellFault } from './shell.js';

/** What sudoers(5) wants for this. */
const rule = 'a line USER ALL=(root) NOPASSWD: /bin/sh of sudoers(5)';

export function sudoAsksAgain(where: string): ShellFault {
  return refused(where, 'sudo does not take the password', 'put the password of this user into sudopasswordfile');
}

export interface Beginning {
  readonly where: string;
  readonly as: As;
  readonly status: number;
  /** What was printed instead. */
  readonly stdout: string;
  readonly stderr: string;
  readonly isPasswordGiven: boolean;
}

/** For a process that ended before there was a shell. */
export function notBegun({ where, as, status, stdout, stderr, isPasswordGiven }: Beginning): ShellFault {
  const isOfSudo = as.sudo && /sudo|sorry|try again/i.test(stderr);
  const last = lastLine(isOfSudo || stdout.trim() === '' ? stderr : stdout);
  const words = last === '' ? '' : `: ${last}`;
  if (!isOfSudo) {
    return {
      code: 'login-impossible',
      message: `${where}: no shell began, exit status ${status}${words}`,
      remedy: 'give the user a login shell that runs commands, as /bin/sh, and no command that is forced',
    };
  }
  if (status === 127) return refused(where, 'there is no sudo', 'install sudo, or let root log in');
  if (/not in the sudoers|not allowed to|may not run/i.test(stderr)) {
    return refused(where, `sudo does not let this user run /bin/sh as root${words}`, `give it ${rule}`);
  }
  if (isPasswordGiven && /password|try again/i.test(stderr)) return sudoAsksAgain(where);
  if (/password is required|authentication is required/i.test(stderr)) {
    return refused(where, 'sudo wants a password', `set sudopasswordfile, or give the user ${rule}`);
  }
  return refused(where, `sudo ended with status ${status}${words}`, 'see what sudo says to this user there');
}

function refused(where: string, what: string, remedy: string): ShellFault {
  return { code: 'sudo-refused', message: `${where}: ${what}`, remedy };
}
