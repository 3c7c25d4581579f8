/** What comes of a check, once, with nothing left over. */

import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { withoutLeaks } from './leaks.js';

export async function verdict(check: Check): Promise<[ok: boolean, reason: string]> {
  const { ok, reason } = await withoutLeaks(() => runProbe(check, 'negotiate'));
  return [ok, reason];
}
