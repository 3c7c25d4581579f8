/** Servers that refuse to run as root are given to the user of their package. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** The user of a package; nobody in particular where the tests do not run as root. */
export function ownerOf(user: string): Owner {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return line === undefined ? {} : { uid: Number(uid), gid: Number(gid) };
}

/** Gives paths to the owner. */
export async function give({ uid, gid }: Owner, ...paths: readonly string[]): Promise<void> {
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) await chown(path, uid, gid);
}

const execute = promisify(execFile);

/** Runs a program to its end as the owner. */
export async function runAs(owner: Owner, cwd: string, program: string, args: readonly string[]): Promise<void> {
  await execute(program, args, { ...owner, cwd });
}
