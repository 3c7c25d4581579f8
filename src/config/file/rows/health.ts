/** How soon good and bad news of a server are believed, and how often it is asked meanwhile. */

import { extension, row } from '../directive.js';
import * as read from '../extension-values.js';

/** More is a mistake: a server would be down for hours before it is believed, at any interval. */
const mostResults = 1_000;
const longestInterval = 86_400;

/** What a virtual takes over from the global section. */
export const inheritedHealthDirectives = {
  risecount: row(
    'both',
    read.wholeNumber('the count', 1, mostResults),
    1,
    'successes in a row that bring back a real server that was down; the first result of all decides alone',
    extension,
  ),
  fastinterval: row(
    'both',
    read.wholeNumber('the interval', 1, longestInterval),
    null,
    'seconds from one check to the next while the real server is between up and down: some checks failed, or some passed, and not yet enough',
    { ...extension, optional: true, words: '`checkinterval`' },
  ),
  downinterval: row(
    'both',
    read.wholeNumber('the interval', 1, longestInterval),
    null,
    'seconds from one check to the next while the real server is down',
    { ...extension, optional: true, words: '`checkinterval`' },
  ),
};

export const healthDirectives = {
  startstate: row(
    'virtual',
    read.startState,
    'table',
    'what a real server is until its checks have decided: `table`, up where it stands in the kernel’s table, and the first check decides; `down`, until `risecount` checks have passed; `up`, until `failurecount` have failed',
    { ...extension, word: true },
  ),
};
