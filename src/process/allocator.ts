/** The memory that is not V8's own. */

import { giveBack, keepArenas } from '../system/libc.js';
import { letGoOfProgram } from './program-pages.js';

/** Milliseconds: by then threads that help at a start have ended, and checks have met their servers. */
const pause = 5_000;
let waiting: NodeJS.Timeout | undefined;

/**
 * For this process, before it has threads of its own. The C library gives each thread a part of the memory by itself,
 * where what the thread leaves behind is of no use to others: some megabytes of nothing, for threads that allocate little.
 */
export function shareArena(): void {
  keepArenas(1);
}

/** After work that takes memory once, such as reading a file: what is free goes to the kernel in a while. Holds up no end. */
export function giveBackSoon(): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    giveBack();
    void letGoOfProgram();
  }, pause).unref();
}
