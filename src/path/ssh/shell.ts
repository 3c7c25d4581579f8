/** A real server: scripts run there over SSH. */

import { randomUUID } from 'node:crypto';
import { startDeadline } from '../../system/deadline.js';
import { converse } from '../conversation.js';
import { overFault } from '../faults.js';
import { type As, type Launch, launch, wholeScript } from '../script.js';
import type { Shell, ShellFault, ShellResult } from '../shell.js';
import { isFault, type SshHost, whereOf } from './host.js';
import type { Line } from './line.js';

export function shellOn(host: SshHost, line: Line, sudoPassword: string | null): Shell {
  const where = whereOf(host);
  return {
    async run(script, { deadline: milliseconds, asRoot, signal }) {
      const deadline = startDeadline({ deadline: milliseconds, ...(signal && { signal }) });
      const failed = (fault: ShellFault, phase: string): ShellResult => {
        return { ok: false, fault: deadline.signal.aborted ? overFault(where, phase, deadline.over()) : fault };
      };
      try {
        const connection = await line.get(deadline.signal);
        if (isFault(connection)) return failed(connection, 'connect and log in');
        const as: As = asRoot && host.user !== 'root' ? { sudo: true, password: sudoPassword } : { sudo: false };
        const matter = { where, as, launch: launch(as, randomUUID()), script: wholeScript(script) };
        const running = await connection.exec(commandOf(matter.launch), deadline.signal);
        const result = isFault(running)
          ? failed(running, 'begin of a session')
          : await converse(running, matter, deadline);
        // A server that stalls or floods need not heed that a session is closed.
        if (!result.ok) await line.drop();
        return result;
      } finally {
        deadline.release();
      }
    },
    close: () => line.close(),
  };
}

/** For the user's shell, whichever it is: nothing in it means more in csh or fish than in sh. Sudo speaks English. */
function commandOf({ argv }: Launch): string {
  return ['env', 'LC_ALL=C', ...argv].map((word) => (/^[\w/.=-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}
