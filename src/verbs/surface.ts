/** Where a verb prints. */

import type { Surface } from '../control/columns.js';

/** Coloured and cut to the width on a terminal; plain and whole in a pipe. */
export function surfaceOf(stream: NodeJS.WriteStream): Surface {
  if (stream.isTTY !== true) return { width: null, colour: false };
  return { width: stream.columns || 80, colour: !process.env['NO_COLOR'] };
}
