/** What is asked of services that know no paths. */

import type { Check } from '../probe.js';

/** What a protocol without paths is asked: the request without the slash that the configuration puts before each. */
export function ownRequest({ request }: Pick<Check, 'request'>): string {
  return request.replace(/^\//, '');
}
