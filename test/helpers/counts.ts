/** Where destinations are counted whose counts nobody reads. */

import { CountedPlaces } from '../../src/ipvs/userspace/counted.js';
import { Counts } from '../../src/ipvs/userspace/counts.js';

const places = new CountedPlaces();

export function newCounts(): Counts {
  return new Counts(places.take(), null);
}
