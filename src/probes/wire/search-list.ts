/** The domains in which this machine looks for a name without a dot (resolv.conf(5)). */

import { readFile } from 'node:fs/promises';
import { failureBy, Hindrance } from '../failure.js';

/** In order; none where that cannot be read. Rejects with a Hindrance where this machine is short of what that takes. */
export async function searchList(path = '/etc/resolv.conf'): Promise<readonly string[]> {
  let domains: readonly string[] = [];
  for (const line of (await readFile(path, 'utf8').catch(none)).split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    // The last of them counts.
    if (keyword === 'search') domains = values;
    else if (keyword === 'domain') domains = values.slice(0, 1);
  }
  return domains.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== '');
}

function none(error: unknown): string {
  const failure = failureBy('query', error, 'resolv.conf');
  // Another question would be asked instead, whose answer says nothing.
  if (failure instanceof Hindrance) throw failure;
  return '';
}
