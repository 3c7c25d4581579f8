/** Databases, caches and what stands before them. */

import { databases } from './databases/index.js';
import { tested } from './tested.js';

tested(databases);
