/** Which addresses are ours, for the next start. */

import { type OwnJournal, ownJournal } from '../../system/own-journal.js';
import { type OwnAddress, ownKey } from './plan.js';

export type AddressJournal = OwnJournal<OwnAddress>;

type Life = NonNullable<Parameters<typeof ownJournal>[2]>;

export function addressJournal(path: string, life?: Life): AddressJournal {
  return ownJournal(path, { word: 'vips', property: 'addresses', called: 'addresses', isOwn }, life);
}

export function ownByKey(own: Iterable<OwnAddress>): Map<string, OwnAddress> {
  return new Map([...own].map((address) => [ownKey(address), address]));
}

function isOwn(found: unknown): found is OwnAddress {
  const { family, address, prefix, device, index } = (found ?? {}) as Partial<OwnAddress>;
  const isPlace =
    (family === 'inet' || family === 'inet6') && typeof address === 'string' && typeof device === 'string';
  return isPlace && Number.isInteger(prefix) && Number.isInteger(index);
}
