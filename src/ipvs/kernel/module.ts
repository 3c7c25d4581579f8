/** Loads the kernel's module. */

import { execFile } from 'node:child_process';

/** Milliseconds. */
const timeout = 10_000;

/** Null where it was loaded, otherwise why not. Never rejects: that there is no IPVS is found by asking for it. */
export function loadModule(program = 'modprobe'): Promise<string | null> {
  // Whoever is not root often lacks the folders of the system's programs.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  return new Promise<string | null>((resolve) => {
    execFile(program, ['ip_vs'], { env, timeout, killSignal: 'SIGKILL' }, (error, _stdout, stderr) => {
      if (error === null) resolve(null);
      else resolve(stderr.trim().split('\n')[0] || error.message);
    });
    // Of what keeps a process from being started Node throws some at once, and tells some later.
  }).catch(({ message }: Error) => message);
}
