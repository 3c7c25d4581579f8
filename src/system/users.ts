/** Users by number, from /etc/passwd: Node has no getpwuid(3), and one that asks a directory service waits for it. */

import { readBounded } from './bounded-file.js';

/** Bytes. */
const largestFile = 4 * 1024 * 1024;

/** What users are called: `uid 1000` where the file has no name for the number, or cannot be read. Never rejects. */
export async function readUserNames(file = '/etc/passwd'): Promise<(uid: number) => string> {
  const names = new Map<number, string>();
  const text = await readBounded(file, largestFile).then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  );
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    // Of several names the first counts, as with getpwuid(3).
    if (/^\d+$/.test(id) && name !== '' && !names.has(Number(id))) names.set(Number(id), name);
  }
  return (uid) => names.get(uid) ?? `uid ${uid}`;
}
