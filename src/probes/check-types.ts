/** The kinds of checks, and when a server is up by each. */

import type { CheckType } from '../config/model.js';

/** As `checktype` calls them. Sentences without their end. */
export const upByCheckType: Readonly<Record<Exclude<CheckType, 'combined'> | 'NUMBER', string>> = {
  negotiate: 'what the service’s row says',
  connect: 'the port takes a TCP connection, whatever becomes of it then; with `protocol=udp` as for `ping`',
  NUMBER:
    'negotiate until that succeeds, then so many times connect, then negotiate; after a failure negotiate; over UDP ' +
    'negotiate each time',
  ping: 'one of `checkcount` echo requests of ICMP is answered',
  external: 'the program ends with status 0',
  'external-perl': 'the script returns or exits with 0',
  on: 'always: it is not asked',
  off: 'never: it is not in use',
};
