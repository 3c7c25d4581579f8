/** What can be seen of the address of a virtual service. */

import type { Virtual } from '../../model/config.js';
import type { VipStatus } from '../../status/model.js';
import type { AddressKeeper } from './keeper.js';
import { placeOf } from './wanted.js';

/** Null where `vip` is not set. Without a keeper the backend leaves this machine as it is. */
export function vipStatus(
  virtual: Pick<Virtual, 'family' | 'endpoint' | 'vip'>,
  keeper: Pick<AddressKeeper, 'statusOf'> | null,
): VipStatus | null {
  const { family, vip } = virtual;
  if (vip === null) return null;
  const place = placeOf(virtual);
  const { device } = vip;
  const label = family === 'inet' ? vip.label : null;
  if (place === null) return { address: null, device, label, stands: false, why: 'its address is not known' };
  const found = keeper?.statusOf(place) ?? { stands: false, why: 'this backend changes nothing on this machine' };
  return { address: place.address, device, label, ...found };
}
