/** Which section of the settings is about which address, and which is about none. */

import { isIP } from 'node:net';
import { type AnnounceSection, everyAddress } from '../../config/settings/announce-rows.js';
import { addressText, addressWords } from '../../ipvs/address.js';
import type { Vip } from './vip-health.js';

/** One with a section of its own goes before those that all others share; of two of one address the first counts. */
export function ruleFor(
  sections: readonly AnnounceSection[],
  { address, called }: Pick<Vip, 'address' | 'called'>,
): AnnounceSection | null {
  const own = sections.find(({ name }) => isAbout(name, { address, called }));
  return own ?? sections.find(({ name }) => name === everyAddress) ?? null;
}

/** Whether the section of this name is about the address, and about no other. */
export function isAbout(name: string, { address, called }: Pick<Vip, 'address' | 'called'>): boolean {
  if (isIP(name) !== 0) return addressText(addressWords(name)) === address;
  return called.has(name);
}
