/** All that a set-up could change, as text: without what the kernel counts by itself. */

import { runIn } from './command.js';
import { eventually } from './eventually.js';

const command = `
  ip -j address; ip -j link; ip -j rule; ip -j -6 rule; ip -j route show table all; ip -j -6 route show table all
  sysctl -a 2>/dev/null | grep '^net\\.' | grep -v '_count \\|mem\\b'
  cat /proc/net/ip_vs 2>/dev/null; nft list ruleset 2>/dev/null
`;

interface Link {
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly addr_info: readonly { readonly family: string; readonly tentative?: boolean }[];
}

/** Settles when the kernel has given links the addresses that they have by themselves, and found them to be theirs alone. */
export async function snapshot(namespace: string | null = null): Promise<string[]> {
  await eventually('links are up and have their addresses', async () => {
    const links: Link[] = JSON.parse(await runIn(namespace, 'ip', '-j', 'address'));
    return links.filter(hasItsOwn).every(({ operstate, addr_info: addresses }) => {
      const six = addresses.filter(({ family }) => family === 'inet6');
      return operstate === 'UP' && six.length > 0 && six.every(({ tentative }) => tentative !== true);
    });
  });
  return (await runIn(namespace, 'sh', '-c', command)).split('\n');
}

/** Links of Ethernet that are up. */
function hasItsOwn({ flags }: Link): boolean {
  return flags.includes('UP') && !flags.includes('LOOPBACK') && !flags.includes('NOARP');
}

/** Lines that only one of them has. */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
