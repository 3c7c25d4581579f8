/** `role = always`: nobody elects, and this director is active. It costs nothing. */

import { alwaysActive } from '../../model/role.js';
import type { Role } from './role.js';

export const always: Role = {
  state: alwaysActive,
  follow: async () => {},
  close: async () => {},
};
