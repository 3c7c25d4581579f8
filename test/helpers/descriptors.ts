/** A moment without descriptors: this process may open no file and no socket. */

import koffi from 'koffi';

/** RLIMIT_NOFILE of getrlimit(2). */
const openFiles = 7;

const library = koffi.load(null);
const getrlimit = library.func('int getrlimit(int resource, _Out_ uint64_t *limit)') as (
  resource: number,
  limit: BigUint64Array,
) => number;
const setrlimit = library.func('int setrlimit(int resource, const uint64_t *limit)') as (
  resource: number,
  limit: BigUint64Array,
) => number;

/** What is open stays so; what the work tries to open fails with EMFILE. */
export async function withoutDescriptors(work: () => Promise<void>): Promise<void> {
  const before = new BigUint64Array(2);
  if (getrlimit(openFiles, before) !== 0) throw new Error('getrlimit failed');
  const [, hard = 0n] = before;
  if (setrlimit(openFiles, new BigUint64Array([0n, hard])) !== 0) throw new Error('setrlimit failed');
  try {
    await work();
  } finally {
    setrlimit(openFiles, before);
  }
}
