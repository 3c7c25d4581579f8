/** Perl's ldirectord as it runs. */

import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Instance {
  readonly pid: number;
  /** On its command line, before the verb: options and the configuration. */
  readonly words: readonly string[];
  /** Those that it forked, one for each virtual service or server. */
  readonly children: readonly number[];
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
}

/** Milliseconds for the kernel to end a process, and between two looks. */
const patience = 10_000;
const pause = 20;

export async function runningInstances(program: string): Promise<Instance[]> {
  const all = await processes();
  const its = all.filter(({ words: [interpreter = '', ...rest] }) => {
    return /^perl[\d.]*$/.test(basename(interpreter)) && rest.includes(program);
  });
  // One that was forked a moment ago has the command line of the one that did it.
  const first = its.filter(({ parent }) => !its.some(({ pid }) => pid === parent));
  return first.map(({ pid, words }) => ({
    pid,
    words: words.slice(words.indexOf(program) + 1, -1),
    children: descendants(pid, all),
  }));
}

/** Without a chance to clean up. Its children come after it: it would fork others in their place. */
export async function kill({ pid, children }: Instance): Promise<void> {
  for (const one of [pid, ...children]) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It is gone.
    }
    await waitUntilGone(one);
  }
}

/** One that is gone but not buried has an empty command line. */
async function waitUntilGone(pid: number): Promise<void> {
  const limit = performance.now() + patience;
  while ((await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')) !== '') {
    if (performance.now() > limit) throw new Error(`process ${pid} does not end`);
    await sleep(pause);
  }
}

function descendants(of: number, all: readonly Process[]): number[] {
  const children = all.filter(({ parent }) => parent === of).map(({ pid }) => pid);
  return children.flatMap((pid) => [pid, ...descendants(pid, all)]);
}

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [line, status] = await Promise.all(
        ['cmdline', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
      );
      const parent = Number(/^PPid:\s*(\d+)/m.exec(status ?? '')?.[1] ?? 0);
      return { pid: Number(pid), parent, words: (line ?? '').split('\0').slice(0, -1) };
    }),
  );
  return found.filter(({ words }) => words.length > 0);
}
