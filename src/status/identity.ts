/** Names that tell virtual services apart in addresses, labels and links. */

import type { VirtualStatus } from './model.js';

/** `tcp`, `udp`, `fwm` or, for a firewall mark of IPv6 packets, which has the same number as another, `fwm6`. */
export function protocolId({ protocol, family }: Pick<VirtualStatus, 'protocol' | 'family'>): string {
  return protocol === 'fwm' && family === 'inet6' ? 'fwm6' : protocol;
}
