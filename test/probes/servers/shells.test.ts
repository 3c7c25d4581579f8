/** Servers of shells. */

import { shells } from './shells/index.js';
import { tested } from './tested.js';

tested(shells);
