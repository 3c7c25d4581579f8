import type { Served } from '../case.js';
import { nutcracker } from './nutcracker.js';
import { pgbouncer } from './pgbouncer.js';

export const databases: readonly Served[] = [...pgbouncer, ...nutcracker];
