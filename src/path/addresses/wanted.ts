/** Which addresses are to stand on which devices of this machine while the services of a configuration are ours. */

import type { Config, Family, Virtual } from '../../model/config.js';
import { addressedBy, vipOf } from '../../model/endpoint.js';

/** Where an address stands, or is to. */
export interface AddressPlace {
  readonly family: Family;
  /** Canonical text form, without a zone. */
  readonly address: string;
  readonly device: string;
}

export interface WantedAddress extends AddressPlace {
  /** Bits: one address, and no network with it. */
  readonly prefix: 32 | 128;
  /** Of IPv4 alone; null is the device's name. */
  readonly label: string | null;
  /** Whether it goes at a stop: not while the table keeps a service that needs it. */
  readonly cleanstop: boolean;
  /** Seconds after which the kernel removes it by itself unless it is renewed; null is never. */
  readonly lifetime: number | null;
}

export interface WantedAddresses {
  /** By `placeKey`. */
  readonly places: ReadonlyMap<string, WantedAddress>;
  /** Where addresses of names may stand that are not known at present. */
  readonly unknown: readonly Omit<AddressPlace, 'address'>[];
}

const nobody: ReadonlySet<Virtual> = new Set();

export const noAddresses: WantedAddresses = { places: new Map(), unknown: [] };

/** Several virtuals with one address on one device have it together; those of `leftOut` ask for none. */
export function wantedAddresses(
  { virtuals }: Pick<Config, 'virtuals'>,
  leftOut: ReadonlySet<Virtual> = nobody,
): WantedAddresses {
  const places = new Map<string, WantedAddress>();
  const unknown = new Map<string, Omit<AddressPlace, 'address'>>();
  for (const virtual of virtuals) {
    const { family, vip, cleanstop } = virtual;
    const host = addressedBy(virtual.endpoint);
    if (vip === null || host === null || leftOut.has(virtual)) continue;
    const { device } = vip;
    const place = placeOf(virtual);
    if (place === null) {
      unknown.set(`${family} ${device}`, { family, device });
      continue;
    }
    const key = placeKey(place);
    const before = places.get(key);
    places.set(key, {
      ...place,
      prefix: family === 'inet' ? 32 : 128,
      label: before?.label ?? (family === 'inet' ? vip.label : null),
      cleanstop: cleanstop && (before?.cleanstop ?? true),
      lifetime: null,
    });
  }
  return { places, unknown: [...unknown.values()] };
}

/** With those that are announced: what `vip` wants at the same place stays there whatever is announced. */
export function withAnnounced(vips: WantedAddresses, announced: Iterable<WantedAddress>): WantedAddresses {
  const places = new Map(vips.places);
  for (const address of announced) {
    const key = placeKey(address);
    const vip = vips.places.get(key);
    places.set(key, vip === undefined ? address : { ...vip, cleanstop: vip.cleanstop && address.cleanstop });
  }
  return { ...vips, places };
}

/** Null where the virtual asks for none, or its name has no address yet. */
export function placeOf(virtual: Pick<Virtual, 'family' | 'endpoint' | 'vip'>): AddressPlace | null {
  const { family, endpoint, vip } = virtual;
  const address = vipOf(endpoint);
  return vip === null || address === null ? null : { family, address, device: vip.device };
}

export function placeKey({ address, device }: Omit<AddressPlace, 'family'>): string {
  return `${address} ${device}`;
}
