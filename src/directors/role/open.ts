/** Who says the role, as the settings have it. */

import { isDeepStrictEqual } from 'node:util';
import type { RoleSettings } from '../../config/settings/role-rows.js';
import { always } from './always.js';
import { AddressRole, type AddressRoleOptions } from './by-address.js';
import { CommandRole } from './by-command.js';
import type { Role } from './role.js';

/** What of the settings says whom to ask. */
export type Asked = Pick<RoleSettings, 'role' | 'interval' | 'timeout'>;

export function openRole(
  { role, interval, timeout }: Asked,
  { onChange, own }: Pick<AddressRoleOptions, 'onChange' | 'own'>,
): Role {
  switch (role.by) {
    case 'always':
      return always;
    case 'address':
      return new AddressRole({ onChange, own });
    case 'command':
      return new CommandRole({ onChange, program: role.program, interval: interval * 1000, timeout: timeout * 1000 });
  }
}

/** Whether the one that is open does for both. */
export function isSameAsked(one: Asked, other: Asked): boolean {
  if (one.role.by !== 'command') return one.role.by === other.role.by;
  return isDeepStrictEqual([one.role, one.interval, one.timeout], [other.role, other.interval, other.timeout]);
}
