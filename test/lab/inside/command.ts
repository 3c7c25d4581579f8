/** Programs of the guest that do one thing and end. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** Milliseconds; generous, since a guest has one slow processor. */
const patience = 60_000;

/** What it prints; rejects with what it complains of. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: patience, maxBuffer: 1 << 26 });
  return stdout;
}

/** The same in a network namespace, or in the guest's own where none is named. */
export function runIn(namespace: string | null, program: string, ...args: string[]): Promise<string> {
  return namespace === null ? run(program, ...args) : run('ip', 'netns', 'exec', namespace, program, ...args);
}

/** Several commands of ip(8), a line each, in one process. */
export async function ip(lines: string, namespace?: string): Promise<void> {
  const child = execute('ip', [...(namespace ? ['-n', namespace] : []), '-batch', '-'], { timeout: patience });
  child.child.stdin?.end(lines);
  await child;
}
