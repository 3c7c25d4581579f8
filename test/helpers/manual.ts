/** The manual's pages as the build has written them. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fileOf, pages } from '../../src/manual/pages.js';
import { asRead } from '../../src/manual/roff.js';

/** Where the build puts them. */
export const manualFolder = fileURLToPath(new URL('../../dist/man/', import.meta.url));

export async function finishedPages(): Promise<ReadonlyMap<string, string>> {
  const read = pages.map(async (page) => {
    const text = await readFile(`${manualFolder}${fileOf(page)}`, 'utf8');
    return [fileOf(page), text] as const;
  });
  return new Map(await Promise.all(read));
}

/** The first list with terms below a heading: each term and what is said of it, as a reader sees them. */
export function listBelow(page: string, heading: string): (readonly [term: string, text: string])[] {
  const [, below = ''] = page.split(new RegExp(`^\\.S[hs] ${heading}\n`, 'm'));
  const [, list = ''] = /^\.Bl -tag[^\n]*\n([\s\S]*?)^\.El$/m.exec(below) ?? [];
  return list
    .split(/^\.It Cm /m)
    .slice(1)
    .map((item) => {
      const [term = '', ...lines] = item.trimEnd().split('\n');
      return [asRead(term), asRead(lines.join(' '))] as const;
    });
}
