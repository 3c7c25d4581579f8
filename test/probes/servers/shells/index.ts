import type { Served } from '../case.js';
import { dropbear } from './dropbear.js';
import { openssh } from './openssh.js';
import { sftp } from './proftpd.js';
import { tinyssh } from './tinyssh.js';

export const shells: readonly Served[] = [...openssh, ...dropbear, ...tinyssh, ...sftp];
