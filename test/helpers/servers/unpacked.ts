/** Servers whose packages are not installed but unpacked, by test/packages.sh: some exclude what other tests use. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = '/var/cache/ldirectord-test-servers';

/** Where a file of a package is, as /usr/sbin/nsd: in the folder, or where it is installed. */
export function located(path: string): string {
  const unpacked = join(folder, path);
  return existsSync(unpacked) ? unpacked : path;
}

/** False where the files are to be had; otherwise why what needs them cannot run. */
export function lacksFiles(...paths: readonly string[]): string | false {
  const absent = paths.find((path) => !existsSync(located(path)));
  return absent === undefined ? false : `${basename(absent)} is neither installed nor unpacked`;
}

/** False for root; servers that change to users of their own need it. */
export function lacksRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'it needs root';
}

/** What unpacked programs need in their environment to find unpacked libraries. */
export const unpackedLibraries: Readonly<Record<string, string>> = { LD_LIBRARY_PATH: libraryFolders().join(':') };

/** The folder of this processor below /usr/lib. */
export function ownLibrary(): string {
  const [own = ''] = readdirSync('/usr/lib').filter((name) => name.includes('-linux-gnu'));
  return `/usr/lib/${own}`;
}

function libraryFolders(): string[] {
  const library = join(folder, 'usr/lib');
  if (!existsSync(library)) return [];
  const own = basename(ownLibrary());
  return [join(library, own), join(folder, 'lib', own), library, join(library, 'courier-authlib')];
}
