/** A host name of this test's own: this thread leaves the machine's for one that it can change (uts_namespaces(7)). */

import koffi from 'koffi';

const newNames = 0x0400_0000;
const library = koffi.load(null);
const unshare = library.func('int unshare(int flags)') as (flags: number) => number;
const sethostname = library.func('int sethostname(const char *name, size_t length)') as (
  name: string,
  length: number,
) => number;

/** False where this thread can have a name of its own now; otherwise why a test that needs it is skipped. */
export function ownHostName(): string | false {
  return unshare(newNames) === 0 ? false : 'no permission for a host name of its own';
}

/** Only after `ownHostName`. */
export function setHostName(name: string): void {
  if (sethostname(name, name.length) !== 0) throw new Error(`sethostname: error ${koffi.errno()}`);
}
