/** Programs of the system that the installer calls. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Milliseconds: what the removal of a package triggers, an index of manuals for one, takes its time. */
const patience = 300_000;

/** Of a program that failed: what it said. */
export type Failure = Error & { readonly stdout: string; readonly stderr: string };

/** Gives what it prints; rejects with a Failure where it fails. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { timeout: patience })).stdout;
}

export function succeeds(program: string, ...args: readonly string[]): Promise<boolean> {
  return run(program, ...args).then(
    () => true,
    () => false,
  );
}
