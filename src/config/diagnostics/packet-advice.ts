/** A warning where what marks and masquerades packets is not installed. */

import type { Config, Virtual } from '../../model/config.js';
import { carriedBy } from '../../model/endpoint.js';
import type { Diagnostic } from './diagnostics.js';
import { sayOnce } from './said-once.js';

/** Whether nft(8) is there is asked only where it is needed. */
export async function adviseOnPackets(config: Config, isThere: () => Promise<boolean>): Promise<Diagnostic[]> {
  const isMeant = ({ endpoint, snat }: Virtual): boolean => snat || carriedBy(endpoint) !== null;
  if (!config.virtuals.some(isMeant) || (await isThere())) return [];
  const message = 'ports and snat need nft, which is not installed: `apt install nftables`';
  return sayOnce(config, { code: 'nft-missing', message, isMeant });
}
