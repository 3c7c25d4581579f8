/** Where the sources stand, seen from the compiled tests. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder beside the repository that holds a corpus of configurations and reference verdicts; null where it is absent. */
export const shared = existsSync(`${repository}../shared/corpus`) ? `${repository}../shared` : null;
