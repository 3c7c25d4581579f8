/** What a virtual takes over from the global section, unless it says something itself. */

import { row, word } from '../directive.js';
import * as read from '../values.js';
import { fallbackDirectives } from './fallback.js';
import { inheritedHealthDirectives } from './health.js';
import { pathDirectives } from './path.js';

export const inheritedDirectives = {
  checktimeout: row(
    'both',
    read.numberIn(read.seconds, 'the timeout'),
    5,
    'seconds until a connect, ping or external check has failed',
    { standIn: 'negotiatetimeout', globally: read.positive(read.seconds, 'the timeout') },
  ),
  negotiatetimeout: row(
    'both',
    read.numberIn(read.seconds, 'the timeout'),
    30,
    'seconds until a negotiate check has failed',
    { standIn: 'checktimeout', globally: read.positive(read.seconds, 'the timeout') },
  ),
  checkinterval: row('both', read.numberIn(read.seconds, 'the interval'), 10, 'seconds from one check to the next'),
  checkcount: row(
    'both',
    read.numberIn(read.count, 'the count'),
    1,
    'pings until one must be answered; deprecated for failurecount',
    { deprecated: 'checkcount is deprecated and counts for ping alone; use failurecount' },
  ),
  failurecount: row('both', read.numberIn(read.count, 'the count'), 1, 'failures in a row that take a real server out'),
  ...inheritedHealthDirectives,
  ...fallbackDirectives,
  ...pathDirectives,
  fallbackcommand: row(
    'both',
    read.program,
    null,
    'a command that is told when the last real server goes and when the first returns',
    { globally: read.text('the command') },
  ),
  quiescent: row('both', read.yesOrNo, false, 'keep a real server that is down, with weight 0', word),
  cleanstop: row('both', read.yesOrNo, true, 'remove the virtual services when the program stops', word),
  smtp: row('both', read.mailServer, null, 'the mail server to hand mails to', { words: 'the mail system’s' }),
  emailalert: row('both', read.mailAddresses, [], 'who is told by mail, separated by commas', {
    show: (addresses) => addresses.join(', '),
  }),
  emailalertfrom: row('global', read.text('the sender'), null, 'the sender of these mails', {
    inherited: true,
    words: 'the mail system’s',
  }),
  emailalertfreq: row(
    'both',
    read.leadingNumber('the frequency'),
    0,
    'seconds until a mail about a server that stays down is repeated; 0 is never',
  ),
  emailalertstatus: row(
    'both',
    read.alertStatus,
    read.alertPhases,
    'when to send mail: starting, running, stopping, reloading, all or none',
    { ...word, words: 'all', show: (phases) => phases.join(',') || 'none' },
  ),
};
