/** Mail servers. */

import { mail } from './mail/index.js';
import { tested } from './tested.js';

tested(mail);
