/** What is to be done so that the wanted addresses stand, and nothing of anybody else's is touched. Pure. */

import type { Device, StandingAddress } from './codec.js';
import type { AddressPlace, WantedAddress, WantedAddresses } from './wanted.js';

/** One that we have put there. By index: a device that comes back under its name is another one, and its address too. */
export interface OwnAddress extends AddressPlace {
  readonly index: number;
  readonly prefix: number;
}

/** What was found on this machine. */
export interface Found {
  /** Those that are wanted, by name. */
  readonly devices: ReadonlyMap<string, Device>;
  readonly standing: readonly StandingAddress[];
}

/** How a wanted address is: `foreign` was there without us. */
export type PlaceState = 'own' | 'foreign' | 'absent' | 'no device' | 'device down';

export interface AddressPlan {
  readonly states: ReadonlyMap<string, PlaceState>;
  /** What is ours and stands. */
  readonly own: ReadonlyMap<string, OwnAddress>;
  readonly add: readonly (WantedAddress & OwnAddress)[];
  /** Ours, which have another label than is wanted: the kernel changes none. */
  readonly relabel: readonly (WantedAddress & OwnAddress)[];
  /** Ours, whose time runs out, or which are to have another one. */
  readonly renew: readonly (WantedAddress & OwnAddress)[];
  readonly remove: readonly OwnAddress[];
}

export function planAddresses(
  wanted: WantedAddresses,
  { devices, standing }: Found,
  owned: ReadonlyMap<string, OwnAddress>,
): AddressPlan {
  const byKey = new Map(standing.map((address) => [ownKey(address), address]));
  const byAddress = new Set(standing.map(({ index, address }) => `${index} ${address}`));
  const own = new Map([...owned].filter(([key]) => byKey.has(key)));
  const states = new Map<string, PlaceState>();
  const add: (WantedAddress & OwnAddress)[] = [];
  const renew: (WantedAddress & OwnAddress)[] = [];
  const relabel: (WantedAddress & OwnAddress)[] = [];
  const needed = new Set<string>();
  for (const [place, address] of wanted.places) {
    const device = devices.get(address.device);
    if (device === undefined) {
      states.set(place, 'no device');
      continue;
    }
    const there = { ...address, index: device.index };
    const key = ownKey(there);
    needed.add(key);
    if (own.has(key)) {
      states.set(place, device.isUp ? 'own' : 'device down');
      if (address.family === 'inet' && byKey.get(key)?.label !== (address.label ?? device.name)) relabel.push(there);
      else if (device.isUp && isToRenew(address.lifetime, byKey.get(key)?.lifetime ?? null)) renew.push(there);
    } else if (byAddress.has(`${device.index} ${address.address}`)) states.set(place, 'foreign');
    else if (!device.isUp) states.set(place, 'device down');
    else {
      states.set(place, 'absent');
      add.push(there);
    }
  }
  const uncertain = new Set(wanted.unknown.map(({ family, device }) => `${family} ${devices.get(device)?.index}`));
  const remove = [...own]
    .filter(([key, { family, index }]) => !needed.has(key) && !uncertain.has(`${family} ${index}`))
    .map(([, address]) => address);
  return { states, own, add, relabel, renew, remove };
}

/** Looks at this share of a lifetime renew what has it: two may fail. */
export const renewalShare = 1 / 3;

function isToRenew(wanted: number | null, left: number | null): boolean {
  if (wanted === null || left === null) return wanted !== left;
  return left > wanted || left <= wanted * (1 - renewalShare) + 1;
}

/** What of ours goes at a stop. What stands for a name that is not known stays for the next start. */
export function planRemoval(
  wanted: WantedAddresses,
  owned: ReadonlyMap<string, OwnAddress>,
  { devices }: Pick<Found, 'devices'>,
): OwnAddress[] {
  return [...wanted.places.values()].flatMap((address) => {
    const index = devices.get(address.device)?.index;
    const found = address.cleanstop && index !== undefined ? owned.get(ownKey({ ...address, index })) : undefined;
    return found === undefined ? [] : [found];
  });
}

export function ownKey({ index, address, prefix }: Pick<OwnAddress, 'index' | 'address' | 'prefix'>): string {
  return `${index} ${address}/${prefix}`;
}
