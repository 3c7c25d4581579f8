/** A server in its virtual service, in one line of an answer. */

import { withAddress } from '../model/names.js';
import type { Subject } from '../model/subject.js';

/** `web1:80 [10.0.0.1] (tcp shop:80 [192.0.2.1])`: as the file calls them, and their addresses. */
export function placeText({ server, role, protocol, virtual, inFile }: Subject): string {
  const who = withAddress(inFile?.server ?? server, server);
  const where = withAddress(inFile?.virtual ?? virtual, virtual);
  return `${role === undefined ? '' : `${role} `}${who} (${protocol} ${where})`;
}
