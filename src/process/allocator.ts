/** The memory that is not V8's own. */

import { giveBack, keepArenas, keepAtEnd } from '../system/libc.js';
import { letGoOfProgram } from './program-pages.js';

/** Milliseconds: by then threads that help at a start have ended, and checks have met their servers. */
const pause = 15_000;
/** Bytes: glibc's own figure, before it has met a large piece. */
const mostAtEnd = 128 * 1024;
let waiting: NodeJS.Timeout | undefined;

/**
 * For this process, before it has threads of its own. The C library gives each thread a part of the memory by itself,
 * where what the thread leaves behind is of no use to others: some megabytes of nothing, for threads that allocate little.
 * And of what is free at the end of a part it keeps the more the larger the pieces were that it has had: those of V8's compiler are.
 */
export function shareArena(): void {
  keepArenas(1);
  keepAtEnd(mostAtEnd);
}

/** After work that takes memory once, such as reading a file: what is free goes to the kernel in a while. Holds up no end. */
export function giveBackSoon(): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    giveBack();
    void letGoOfProgram();
  }, pause).unref();
}
