/** The files of the status page: read once, then served from memory. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { root } from '../../root.js';

export interface PageFile {
  readonly type: string;
  /** One portion, as answers are made of. */
  readonly body: readonly Buffer[];
  /** For If-None-Match: changes with the contents. Weak, since it may be sent compressed: RFC 9110, 8.8.3.3. */
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What stands there as it is, and the script, compiled. */
const folders = ['observe/page/static/', 'observe/page/browser/'] as const;

/** By name, as `style.css`. Rejects where the program is not installed whole. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const found = new Map<string, PageFile>();
  for (const folder of folders) {
    const place = new URL(folder, root);
    for (const name of await readdir(place)) {
      const type = types[extname(name)];
      if (type === undefined) continue;
      const body = await readFile(new URL(name, place));
      const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      found.set(name, { type, body: [body], etag });
    }
  }
  return found;
}
