/** The memory that is not V8's own. */

import { keepArenas } from '../system/libc.js';

/**
 * For this process, before it has threads of its own. The C library gives each thread a part of the memory by itself,
 * where what the thread leaves behind is of no use to others: some megabytes of nothing, for threads that allocate little.
 */
export function shareArena(): void {
  keepArenas(1);
}
