/** A walk as its page has it: what is typed where, and what is to be seen. */

import { execFile } from 'node:child_process';

/** Milliseconds; generous, since a guest has one slow processor, and SSH asks much of it. */
const patience = 5 * 60_000;

export interface Step {
  /** The machine at whose prompt it is typed. */
  readonly machine: string;
  readonly command: string;
  /** What the page shows of the output: lines in their order, of which `…` is whatever stands there. */
  readonly shown: readonly string[];
}

/** In blocks that are indented: `director# ldirectord nat.cf setup`, and the output below. */
export function stepsOf(page: string): Step[] {
  const steps: (Step & { shown: string[] })[] = [];
  let open: (Step & { shown: string[] }) | null = null;
  for (const line of page.split('\n')) {
    const [, text] = /^ {4}(.*)$/.exec(line) ?? [];
    if (text === undefined) {
      open = null;
      continue;
    }
    const [, machine, command] = /^([a-z][\w-]*)[#$] (.+)$/.exec(text) ?? [];
    if (machine !== undefined && command !== undefined) {
      open = { machine, command, shown: [] };
      steps.push(open);
    } else if (text.trim() !== '') open?.shown.push(text);
  }
  return steps;
}

/** What of `shown` is not in the output in this order; null where all is. */
export function missingIn(output: string, shown: readonly string[]): string | null {
  const lines = output.split('\n').map(plain);
  let from = 0;
  for (const line of shown) {
    if (line.trim() === '…') continue;
    const shape = new RegExp(`^${plain(line).split('…').map(escaped).join('.*')}$`);
    const found = lines.findIndex((other, index) => index >= from && shape.test(other));
    if (found < 0) return line;
    from = found + 1;
  }
  return null;
}

/** Types it, and gives what is seen, errors included; the exit status is the page's business. */
export function type({ machine, command }: Step, folder: string): Promise<string> {
  const args = ['netns', 'exec', machine, 'sh', '-c', `exec 2>&1; ${command}`];
  return new Promise((resolve) => {
    const child = execFile('ip', args, { cwd: folder, timeout: patience }, (_, output) => resolve(output));
    child.stdin?.end();
  });
}

/** Columns are as wide as what stands in them. */
function plain(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
