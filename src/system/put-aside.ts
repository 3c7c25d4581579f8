/** What to do with a file that is not understood: nobody writes over it, and people can look at it. */

import { rename } from 'node:fs/promises';

/** Out of the way; gives where it is then. Rejects where that cannot be done. */
export async function putAside(path: string): Promise<string> {
  const aside = `${path}.bad`;
  await rename(path, aside);
  return aside;
}
