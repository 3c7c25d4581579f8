/** What is about the program as a whole. */

import { row, word } from '../directive.js';
import * as read from '../values.js';

export const programDirectives = {
  autoreload: row('global', read.yesOrNo, false, 'read this file again when it changes', word),
  callback: row('global', read.callback, null, 'a command that runs after this file has changed', { quoted: true }),
  execute: row('global', read.instance, [], 'another configuration that starts and stops along with this one', {
    join: (earlier, names) => [...new Set([...earlier, ...names])],
  }),
  fork: row('global', read.yesOrNo, false, 'accepted, and changes nothing', word),
  /** A path, or the name of a syslog facility. */
  logfile: row(
    'global',
    read.quotedText('the path', true),
    '/var/log/ldirectord.log',
    'the path of the log, or a syslog facility',
    { quoted: true },
  ),
  maintenancedir: row(
    'global',
    read.text('the directory'),
    null,
    'a directory whose files name real servers that are to be down',
  ),
  readdquiescent: row('global', read.yesOrNo, false, 'put a quiescent real server back that was removed by hand', word),
  supervised: row('global', read.yesOrNo, false, 'stay in the foreground and log to standard output', word),
};
