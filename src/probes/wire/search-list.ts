/** The domains in which this machine looks for a name without a dot (resolv.conf(5)). */

import { readFile } from 'node:fs/promises';

/** In order; none where that cannot be read. */
export async function searchList(path = '/etc/resolv.conf'): Promise<readonly string[]> {
  let domains: readonly string[] = [];
  for (const line of (await readFile(path, 'utf8').catch(() => '')).split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    // The last of them counts.
    if (keyword === 'search') domains = values;
    else if (keyword === 'domain') domains = values.slice(0, 1);
  }
  return domains.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== '');
}
