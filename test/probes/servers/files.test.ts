/** Servers of files. */

import { files } from './files/index.js';
import { tested } from './tested.js';

tested(files);
