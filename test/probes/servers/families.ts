/** Every server of the table. */

import type { Served } from './case.js';
import { web } from './web/index.js';

export const families: readonly Served[] = [...web];
