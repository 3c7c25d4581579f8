/** Counts of durations in buckets, each at most an eighth wider than the one before begins: enough for percentiles. */

/** Milliseconds; what is shorter is one bucket. */
const least = 1 / 16;
/** Buckets in each doubling. */
const steps = 8;
/** From a sixteenth of a millisecond to an hour. */
const doublings = 26;
const buckets = steps * doublings + 1;
/** In units of the shortest. Worked out here: V8 would raise to the power anew each time. */
const longest = 2 ** doublings;

export type Histogram = Uint32Array;

export function newHistogram(): Histogram {
  return new Uint32Array(buckets);
}

/** A duration in milliseconds; longer ones than an hour count as one. */
export function count(histogram: Histogram, duration: number): void {
  const at = bucketOf(duration);
  histogram[at] = (histogram[at] ?? 0) + 1;
}

/** Adds the counts of `other`. */
export function addTo(histogram: Histogram, other: Histogram): void {
  for (let at = 0; at < buckets; at += 1) histogram[at] = (histogram[at] ?? 0) + (other[at] ?? 0);
}

export function total(histogram: Histogram): number {
  return histogram.reduce((sum, counted) => sum + counted, 0);
}

/** The duration that `share` of all, from 0 to 1, do not exceed, up to an eighth too long; 0 where nothing was counted. */
export function percentile(histogram: Histogram, share: number): number {
  const all = total(histogram);
  if (all === 0) return 0;
  const wanted = Math.max(1, Math.ceil(all * share));
  let seen = 0;
  for (let at = 0; at < buckets; at += 1) {
    seen += histogram[at] ?? 0;
    if (seen >= wanted) return upperBound(at);
  }
  return upperBound(buckets - 1);
}

/** The buckets that are not empty, the shortest first: milliseconds up to which they reach, and how many are in them. */
export function listFilled(histogram: Histogram): (readonly [upTo: number, counted: number])[] {
  return [...histogram].flatMap((counted, at) => (counted > 0 ? [[upperBound(at), counted] as const] : []));
}

/** Milliseconds up to which the durations in a bucket reach. */
export function upperBound(bucket: number): number {
  if (bucket === 0) return least;
  const doubling = Math.floor((bucket - 1) / steps);
  const step = (bucket - 1) % steps;
  return least * 2 ** doubling * (1 + (step + 1) / steps);
}

function bucketOf(duration: number): number {
  if (!(duration > least)) return 0;
  const times = Math.min(duration / least, longest);
  // Its whole part has at most 27 bits.
  const doubling = 31 - Math.clz32(times);
  const step = Math.ceil((times / (1 << doubling) - 1) * steps) - 1;
  // What ends a doubling exactly belongs to the last step of the one before.
  return Math.min(buckets - 1, Math.max(1, doubling * steps + step + 1));
}
