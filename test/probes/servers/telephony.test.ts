/** Servers of telephony. */

import { telephony } from './telephony/index.js';
import { tested } from './tested.js';

tested(telephony);
