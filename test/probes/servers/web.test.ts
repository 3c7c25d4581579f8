/** Web servers and proxies. */

import { tested } from './tested.js';
import { web } from './web/index.js';

tested(web);
