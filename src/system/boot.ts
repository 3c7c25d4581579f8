/** Which boot of this machine it is. */

import { readBounded } from './bounded-file.js';

/** Bytes. */
const largestFile = 4096;

/** Another one each time, from random(4). Rejects where it cannot be read. */
export async function bootId(): Promise<string> {
  return (await readBounded('/proc/sys/kernel/random/boot_id', largestFile)).toString('latin1').trim();
}
