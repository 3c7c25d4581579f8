/** The servers that have tests of their own: for the whole table, and to be restarted for long. */

import type { Served } from '../case.js';
import { familiarDatabases } from './databases.js';
import { familiarMail } from './mail.js';
import { familiarRest } from './rest.js';
import { familiarWeb } from './web.js';

export const familiar: readonly Served[] = [...familiarWeb, ...familiarMail, ...familiarDatabases, ...familiarRest];
