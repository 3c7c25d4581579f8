/** A command line of ipvsadm, by the real program and by ours. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { ipvsadmPrograms } from '../../../src/ipvsadm/ipvs.js';
import { run } from './command.js';

export interface Outcome {
  readonly output: string;
  readonly complaints: string;
  readonly status: number | null;
}

/** Of either. */
export type Ipvsadm = (words: readonly string[], input?: string) => Promise<Outcome>;

/** Looks until two looks of the real program agree; generous, since every connection's time runs. */
const mostLooks = 400;

export async function theirs(words: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn('ipvsadm', words, { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [output, complaints] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
  return { output, complaints, status: child.exitCode };
}

/** In this process, which saves a second for each. */
export async function ours(words: readonly string[], input = ''): Promise<Outcome> {
  const program = ipvsadmPrograms.ipvsadm;
  let output = '';
  let complaints = '';
  const status = await program(words, {
    input: async function* () {
      yield input;
    },
    print: async (text) => {
      output += text;
    },
    complain: (line) => {
      complaints += `${line}\n`;
    },
  });
  return { output, complaints, status };
}

/** That both print the same of a table whose counters and times may run meanwhile. */
export async function assertSameListing(...words: readonly string[]): Promise<Outcome> {
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const before = await theirs(words);
    const outcome = await ours(words);
    const after = await theirs(words);
    if (before.output !== after.output) continue;
    assert.deepEqual(outcome, after, words.join(' '));
    return outcome;
  }
  throw new Error(`ipvsadm ${words.join(' ')}: something changed in each of ${mostLooks} looks`);
}

/** An empty table, no daemon, the timeouts that the kernel starts with. */
export async function reset(): Promise<void> {
  await run('ipvsadm', '-C');
  for (const state of ['master', 'backup']) await run('ipvsadm', '--stop-daemon', state).catch(() => {});
  await run('ipvsadm', '--set', '900', '120', '300');
}
