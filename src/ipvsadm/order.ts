/**
 * The order in which ipvsadm lists. It compares numbers by their difference in 32 bits, which wraps: an address
 * above 128.0.0.0 can come before one below 10.0.0.0. An order in which A is before B, B before C and C before A
 * depends on how the sorting goes about it, so that is done here as the C library does it.
 */

import { addressWords } from '../ipvs/address.js';
import { protocolNumber } from '../ipvs/kernel/constants.js';
import type { DestinationIdentity, ServiceIdentity } from '../ipvs/table.js';
import { addressFamily } from '../netlink/constants.js';

/** By mark, address family, protocol, address and port. Services without a mark have 0. */
export function sortServices<T extends { readonly service: ServiceIdentity }>(entries: readonly T[]): T[] {
  return sortBy(entries, ({ service }) =>
    service.protocol === 'fwm'
      ? [service.mark, addressFamily[service.family]]
      : [
          0,
          addressFamily[service.family],
          protocolNumber[service.protocol],
          ...addressWords(service.address),
          service.port,
        ],
  );
}

/** By address, the shorter one of IPv4 filled up with zeros, and port. */
export function sortDestinations<T extends DestinationIdentity>(destinations: readonly T[]): T[] {
  return sortBy(destinations, ({ address, port }) => {
    const words = addressWords(address);
    return [...words, ...new Array<number>(4 - words.length).fill(0), port];
  });
}

function sortBy<T>(values: readonly T[], keyOf: (value: T) => readonly number[]): T[] {
  const rows = values.map((value) => ({ value, key: keyOf(value) }));
  return mergeSorted(rows, (a, b) => compare(a.key, b.key)).map(({ value }) => value);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, word] of a.entries()) {
    const difference = (word - (b[index] ?? 0)) | 0;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The lower half has the smaller part; of equal ones the earlier comes first. */
function mergeSorted<T>(values: readonly T[], compareTwo: (a: T, b: T) => number): readonly T[] {
  if (values.length <= 1) return values;
  const middle = Math.floor(values.length / 2);
  const lower = mergeSorted(values.slice(0, middle), compareTwo);
  const upper = mergeSorted(values.slice(middle), compareTwo);
  const merged: T[] = [];
  let at = 0;
  for (const value of lower) {
    for (let next = upper[at]; next !== undefined && compareTwo(value, next) > 0; next = upper[at]) {
      merged.push(next);
      at += 1;
    }
    merged.push(value);
  }
  return [...merged, ...upper.slice(at)];
}
