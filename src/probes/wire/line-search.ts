/** Looking for a pattern in what a server says as a whole, and in each of its lines. */

import type { Pattern } from '../../model/config.js';
import { isQuick, searchBound } from './bounded-search.js';
import { matches, overrun } from './match.js';

const newline = 0x0a;

/**
 * To be asked with all that was said, again as there is more of it: so `^` and `$` hold at the ends of each line, its
 * newline included, as in the reference, which reads line by line. A whole line is searched once. Throws as `matches`.
 */
export function searchByLine(receive: Pattern): (said: Buffer) => boolean {
  let searched = 0;
  return (said) => {
    if (matches(said, receive)) return true;
    const patient = isQuick(receive.regex, said.length);
    const deadline = performance.now() + searchBound;
    for (let end = said.indexOf(newline, searched); end >= 0; end = said.indexOf(newline, searched)) {
      const line = said.subarray(searched, end + 1);
      searched = end + 1;
      if (matches(line, receive)) return true;
      // Each search has its bound, and there can be thousands of them.
      if (!patient && performance.now() > deadline) throw overrun(said, receive);
    }
    return searched > 0 && searched < said.length && matches(said.subarray(searched), receive);
  };
}
