import type { Served } from '../case.js';
import { nutcracker } from './nutcracker.js';
import { pgbouncer } from './pgbouncer.js';

const missing = 'no package of Debian has it; its client is tried with scripts';
const oracle: Served = {
  service: 'oracle',
  server: 'Oracle Database',
  settings: 'as shipped',
  missing,
  start: () => Promise.reject(new Error(missing)),
  cases: [],
};

export const databases: readonly Served[] = [...pgbouncer, ...nutcracker, oracle];
