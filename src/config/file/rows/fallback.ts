/** Which fallbacks answer, and whether they are asked first if they can. */

import { extension, optional, quoted, row, word } from '../directive.js';
import * as extended from '../extension-values.js';
import * as read from '../values.js';

/** What a virtual takes over from the global section. */
export const fallbackDirectives = {
  fallbackuse: row(
    'both',
    extended.fallbackUse,
    null,
    'which of several fallbacks answer: `last`, that of the last line alone; `first`, in the order of their lines the first that is up; `all`, all that are up',
    { ...extension, ...optional, ...word, words: '`first` with `fallbackcheck`, else `last`' },
  ),
  fallbackcheck: row(
    'both',
    read.yesOrNo,
    false,
    'check fallbacks as the real servers of the virtual service are checked; one that is down answers nobody',
    { ...extension, ...word },
  ),
  fallbackcheckport: row('both', read.port, null, 'the port of these checks', {
    ...extension,
    ...optional,
    words: '`checkport`, or that of the fallback',
  }),
  fallbackservice: row(
    'both',
    read.service,
    null,
    'what these checks negotiate, whatever `checktype` says; the port, request, answer and `tls` of another service than `service` are the usual ones of this',
    { ...extension, ...optional, ...word, words: 'as real servers are checked' },
  ),
  fallbackrequest: row('both', read.request, null, 'what these checks ask for', {
    ...extension,
    ...optional,
    ...quoted,
    words: '`request`',
  }),
  fallbackreceive: row(
    'both',
    read.receive,
    null,
    'a regular expression that the answer to these checks must contain',
    {
      ...extension,
      ...optional,
      ...quoted,
      words: '`receive`',
      show: (receive) => receive?.source ?? '',
    },
  ),
};
