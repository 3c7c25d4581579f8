/** Groups by name, from /etc/group: Node has no getgrnam(3). */

import { readFile } from 'node:fs/promises';

/** The number of a group, which may also be given as such. Rejects where there is none of the name. */
export async function groupId(name: string, file = '/etc/group'): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const [group, , id] = line.split(':');
    if (group === name && id !== undefined) return Number(id);
  }
  throw new Error(`controlgroup: ${file} has no group '${name}'; its number can be given instead`);
}
