/** Programs of the system that a configuration needs. */

import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Diagnostic } from './diagnostics.js';
import type { Config } from './model.js';

/** A warning for the first virtual service whose checks need a program that is not there. Never rejects. */
export async function missingPrograms({ virtuals }: Config): Promise<Diagnostic[]> {
  const first = virtuals.find(({ checktype }) => checktype === 'external-perl');
  if (first === undefined || (await isInPath('perl'))) return [];
  const message = 'checktype=external-perl needs perl, which is not in PATH: install it, or real servers stay down';
  return [{ severity: 'warning', code: 'missing-program', message, span: first.span }];
}

async function isInPath(program: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      await access(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Perhaps in the next one.
    }
  }
  return false;
}
