/** What is written and said about a virtual service. */

import { optional, row } from '../directive.js';
import * as read from '../values.js';

export const noteDirectives = {
  monitorfile: row('virtual', read.maybeQuoted('the path'), null, 'a file that gets a line for each check', optional),
  servicename: row('virtual', read.optionalText, null, 'a name for the service in mails', optional),
  comment: row('virtual', read.optionalText, null, 'a remark on the service in mails', optional),
};
