/** Where a verb prints. */

import type { Surface } from '../terminal/fitting.js';
import { done, failed } from './command.js';

/** Whoever reads may have enough, as head(1) has: then there is nothing more to do. A full disk is told. */
export function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(done);
    process.stderr.write(`ldirectord: standard output: ${message}\n`);
    process.exit(failed);
  });
}

/** Coloured and cut to the width on a terminal; plain and whole in a pipe. */
export function surfaceOf(stream: NodeJS.WriteStream): Surface {
  if (stream.isTTY !== true) return { width: null, colour: false };
  return { width: stream.columns || 80, colour: !process.env['NO_COLOR'] };
}
