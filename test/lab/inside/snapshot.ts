/** All that a set-up could change, as text: without what the kernel counts by itself. */

import { runIn } from './command.js';

const command = `
  ip -j address; ip -j link; ip -j rule; ip -j -6 rule; ip -j route show table all; ip -j -6 route show table all
  sysctl -a 2>/dev/null | grep '^net\\.' | grep -v '_count \\|mem\\b'
`;

export async function snapshot(namespace: string | null = null): Promise<string[]> {
  return (await runIn(namespace, 'sh', '-c', command)).split('\n');
}

/** Lines that only one of them has. */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
