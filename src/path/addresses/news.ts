/** What is told of addresses that are not as they should be: once, until it is otherwise. */

import type { Publish } from '../../events.js';
import type { Refusal } from './route-netlink.js';
import type { AddressPlace, WantedAddress } from './wanted.js';

const down = 'ENETDOWN';

export function noDevice(device: string): Refusal {
  return { code: 'ENODEV', reason: `there is no device ${device}: create it, or name another one in \`vip\`` };
}

export function deviceDown(device: string): Refusal {
  return { code: down, reason: `the device is down: ip link set ${device} up` };
}

interface Told {
  readonly refusal: Refusal | null;
  readonly isForeign: boolean;
}

export class AddressNews {
  readonly #publish: Publish;
  /** By place; those that are in order are left out. */
  readonly #told = new Map<string, Told>();

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  /** Why each does not stand or serve, null where it does, and whether it is somebody else's. */
  tell(
    places: ReadonlyMap<string, WantedAddress>,
    refusalAt: (place: string, wanted: WantedAddress) => Refusal | null,
    isForeign: (place: string) => boolean,
  ): void {
    for (const place of this.#told.keys()) if (!places.has(place)) this.#told.delete(place);
    const refused = new Map<string, { readonly refusal: Refusal; readonly places: AddressPlace[] }>();
    for (const [place, wanted] of places) {
      const now: Told = { refusal: refusalAt(place, wanted), isForeign: isForeign(place) };
      const before = this.#told.get(place);
      if (isSame(before, now)) continue;
      const { address, device } = wanted;
      const { refusal } = now;
      if (refusal === null && !now.isForeign) {
        this.#told.delete(place);
        if (before?.refusal?.code === down) this.#publish({ type: 'vip-restored', address, device });
        continue;
      }
      this.#told.set(place, now);
      if (refusal === null) {
        this.#publish({ type: 'vip-foreign', address, device });
        continue;
      }
      // Of a device with very many there is one thing to say.
      const name = `${device} ${refusal.code} ${refusal.reason}`;
      const group = refused.get(name) ?? { refusal, places: [] };
      group.places.push(wanted);
      refused.set(name, group);
    }
    for (const { refusal, places: some } of refused.values()) this.fail(some, refusal);
  }

  /** Of one device. */
  fail(places: readonly AddressPlace[], { code, reason }: Refusal): void {
    const [first] = places;
    if (first === undefined) return;
    const addresses = places.map(({ address }) => address);
    this.#publish({ type: 'vip-failed', addresses, device: first.device, code, reason });
  }
}

function isSame(before: Told | undefined, now: Told): boolean {
  const was = before ?? { refusal: null, isForeign: false };
  if (was.isForeign !== now.isForeign) return false;
  return was.refusal?.code === now.refusal?.code && was.refusal?.reason === now.refusal?.reason;
}
