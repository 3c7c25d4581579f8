import type { Served } from '../case.js';
import { courier } from './courier.js';
import { cyrus } from './cyrus.js';
import { exim } from './exim.js';

export const mail: readonly Served[] = [...exim, ...courier, ...cyrus];
