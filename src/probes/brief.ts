/** Which checks may run in a thread that has more to do than checks. */

import { services } from '../config/services.js';
import { furtherChecks } from './further.js';
import type { Check } from './probe.js';
import { isQuick } from './wire/bounded-search.js';

/** Whether a check keeps its thread busy for no more than some milliseconds, whatever its server says. */
export function isBrief(check: Check): boolean {
  return isBriefAlone(check) && furtherChecks(check).every(isBriefAlone);
}

function isBriefAlone({ type, service, tls, http, receive }: Check): boolean {
  switch (type) {
    case 'connect':
    case 'ping':
      return true;
    case 'negotiate':
    case 'combined': {
      // The handshake of TLS is work that a server chooses the size of.
      const isPlain = services[service].http !== null && http.version === '1.1' && tls === null;
      return isPlain && (receive === null || isQuick(receive.regex, longestSaid(http.bodyLimit)));
    }
    default:
      return false;
  }
}

/** Bytes of a head are a fraction of what a body has by default. */
function longestSaid(bodyLimit: number): number {
  return Math.max(bodyLimit, 2 ** 20);
}
