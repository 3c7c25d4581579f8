/** Why nobody can even try to log in: what is needed for that is not there. */

import type { ShellFault } from '../shell.js';

export function loginImpossible(what: string, remedy: string): { readonly ok: false; readonly fault: ShellFault } {
  return { ok: false, fault: { code: 'login-impossible', message: what, remedy } };
}
