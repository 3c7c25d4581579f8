/** Name servers. */

import { names } from './names/index.js';
import { tested } from './tested.js';

tested(names);
