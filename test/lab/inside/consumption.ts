/** What a process takes of the machine. */

import { readdir, readFile, rm } from 'node:fs/promises';
import { eventually } from './eventually.js';

export async function descriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Bytes in memory, as the kernel counts them. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** In the guest's own /tmp. */
const answer = '/tmp/heap';
const program = `
  import { writeFileSync } from 'node:fs';
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGWINCH', () => {
    collect();
    collect();
    writeFileSync('${answer}', process.memoryUsage().heapUsed + '\\n');
  });
`;

/** A variable of the environment that lets `heapBytes` ask a program of Node's: nothing in ours answers that. */
export const heapEnvironment = `NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(program)}`;

/** Bytes that the program's objects take, without those that nobody holds on to. */
export async function heapBytes(pid: number): Promise<number> {
  await rm(answer, { force: true });
  process.kill(pid, 'SIGWINCH');
  let text = '';
  await eventually('it has counted', async () => {
    text = await readFile(answer, 'latin1').catch(() => '');
    return text.endsWith('\n');
  });
  return Number(text);
}
