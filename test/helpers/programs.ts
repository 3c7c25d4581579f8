/** Which programs of the system a test can use. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** False where the program is in one of the folders; otherwise why a test that needs it is skipped. */
export function lacks(program: string, path = process.env['PATH'] ?? ''): string | false {
  for (const folder of path.split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return false;
    } catch {
      // Perhaps in the next one.
    }
  }
  return `${program} is not installed`;
}
