/** How soon good and bad news of a server are believed, and how often it is asked meanwhile. */

import { agentText } from '../../../model/agent.js';
import { dampingText, quorumText } from '../../../model/names.js';
import { agentAddress } from '../agent-address.js';
import { extension, optional, row, word } from '../directive.js';
import * as read from '../extension-values.js';

/** More is a mistake: a server would be down for hours before it is believed, at any interval. */
const mostResults = 1_000;
const longestInterval = 86_400;
const longestGrowth = 3_600;

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
    { ...extension, ...optional, words: '`checkinterval`' },
  ),
  downinterval: row(
    'both',
    read.wholeNumber('the interval', 1, longestInterval),
    null,
    'seconds from one check to the next while the real server is down',
    { ...extension, ...optional, words: '`checkinterval`' },
  ),
  minhealthy: row(
    'both',
    read.quorum,
    null,
    'how many real servers are healthy at least: a number, or a share as `50%` of those that nobody holds out of use; below it `belowminimum` says what becomes of them',
    { ...extension, ...optional, show: (quorum) => (quorum === null ? null : quorumText(quorum)) },
  ),
  belowminimum: row(
    'both',
    read.belowMinimum,
    'keep',
    'what becomes of a virtual service with fewer: `keep`, who would go below the minimum stays as it was; `all`, every real server is used that nobody holds out; `fallback`, the fallback alone; `withdraw`, as with `keep`, and its address is not announced (`[announce]` in ldirectord.ini(5))',
    { ...extension, ...word },
  ),
  hysteresis: row(
    'both',
    read.wholeNumber('the number', 0, mostResults),
    null,
    'healthy real servers above `minhealthy` until that is over',
    { ...extension, ...optional, words: '1 where `minhealthy` is a number above 1, else 0' },
  ),
  flapdamping: row(
    'both',
    read.damping,
    null,
    'how long a real server that goes down again and again stays out though its checks pass, in seconds: `BASE MAX`, BASE after the first time, doubled by each further one within MAX, and MAX at most; or `off`',
    {
      ...extension,
      ...optional,
      ...word,
      words: 'off',
      show: (damping) => damping && dampingText(damping),
    },
  ),
};

export const healthDirectives = {
  startstate: row(
    'virtual',
    read.startState,
    'table',
    'what a real server is until its checks have decided: `table`, up where it stands in the kernel’s table, and the first check decides; `down`, until `risecount` checks have passed; `up`, until `failurecount` have failed',
    { ...extension, ...word },
  ),
  slowstart: row(
    'virtual',
    read.wholeNumber('the time', 0, longestGrowth),
    0,
    'seconds within which the weight of a real server that comes back, or is new, grows from a tenth to the whole',
    extension,
  ),
  resume: row(
    'virtual',
    read.resume,
    'auto',
    'how a real server that was down comes back: `auto`, when its checks pass; `manual`, when they do and somebody undrains it',
    { ...extension, ...word },
  ),
  track: row(
    'virtual',
    read.track,
    null,
    'another virtual service of the file, as its section opens: while that has no real server in use, this one has none',
    { ...extension, ...optional },
  ),
  agent: row(
    'virtual',
    agentAddress,
    null,
    'where the feedback agent of each real server is asked how much traffic it is to get: `PORT` of the real server, `HOST:PORT`, or `http://HOST:PORT/PATH`, without `HOST` that of the real server',
    { ...extension, ...optional, show: (agent) => (agent === null ? null : agentText(agent)) },
  ),
  agentinterval: row(
    'virtual',
    read.wholeNumber('the interval', 1, longestInterval),
    2,
    'seconds from one question to `agent` to the next',
    extension,
  ),
  agentmaxage: row(
    'virtual',
    read.wholeNumber('the age', 0, longestInterval),
    0,
    'seconds without an answer until what `agent` said last counts no more; 0 is never',
    extension,
  ),
};
