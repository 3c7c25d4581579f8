import type { Served } from '../case.js';
import { atftpd } from './atftpd.js';
import { proftpd } from './proftpd.js';
import { pureftpd } from './pureftpd.js';

export const files: readonly Served[] = [...proftpd, ...pureftpd, ...atftpd];
