/** Every server of the table. */

import type { Served } from './case.js';
import { databases } from './databases/index.js';
import { familiar } from './familiar/index.js';
import { files } from './files/index.js';
import { mail } from './mail/index.js';
import { names } from './names/index.js';
import { shells } from './shells/index.js';
import { telephony } from './telephony/index.js';
import { web } from './web/index.js';

export const families: readonly Served[] = [
  ...web,
  ...mail,
  ...names,
  ...files,
  ...shells,
  ...databases,
  ...telephony,
  ...familiar,
];
