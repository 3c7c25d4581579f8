/** Reading, wanting and planning the largest configuration known, in this process. */

import { parse } from '../../../src/config/file/parse.js';
import { plan } from '../../../src/reconcile/plan.js';
import { loadServices } from '../../../src/system/port-names.js';
import { largeFile } from '../../helpers/large-file.js';
import { wantedOf } from '../../helpers/standings.js';
import type { Readings } from '../results.js';
import type { Workload } from './workload.js';

export const planningWork: Workload = {
  name: 'planning',
  title: 'a file of 2,277 virtuals, 37,205 servers',
  peers: ['ours'],
  isInProcess: true,
  measures: [
    { name: 'parse', unit: 'ms' },
    { name: 'want a table', unit: 'ms' },
    { name: 'plan it into an empty one', unit: 'ms' },
  ],
  measure,
};

async function measure(): Promise<Readings> {
  const text = largeFile();
  const services = await loadServices();
  const [parsed, parsing] = timed(() => parse(text, { strict: false, services }));
  const { config } = parsed;
  if (config === null) throw new Error('the large file has an error');
  const [table, wanting] = timed(() => wantedOf(config, () => true));
  const [, planning] = timed(() => plan(table, new Map(), new Set()));
  return { parse: parsing, 'want a table': wanting, 'plan it into an empty one': planning };
}

/** With the milliseconds that it took. */
function timed<T>(work: () => T): [T, number] {
  const begin = performance.now();
  const value = work();
  return [value, performance.now() - begin];
}
