/** The section `[role]` of the settings file: who says whether this director is active, and what that changes. One row a key. */

import { type Row, row } from './row.js';
import * as read from './values.js';

export interface RoleSettings {
  readonly role: RoleAsked;
  readonly table: 'always' | 'active';
  readonly checks: 'always' | 'active' | number;
  /** Seconds. */
  readonly interval: number;
  readonly timeout: number;
  /** Where it is told how fit this director is: a file, and an attribute of Pacemaker's; null is nowhere. */
  readonly fitnessFile: string | null;
  readonly fitnessAttribute: string | null;
}

/** Who is asked; a program in the words of sh(1). */
export type RoleAsked = { readonly by: 'always' | 'address' } | { readonly by: 'command'; readonly program: string };

export const roleRows: { readonly [K in keyof RoleSettings]: Row<RoleSettings[K]> } = {
  role: row(
    'role',
    { by: 'always' },
    'who says whether this director is active: `always`: it is; `address`: where the address of a virtual service stands on it, whoever has put it there but this program itself; `command PROGRAM`: what the program says',
    readRole,
    { words: 'always' },
  ),
  table: row(
    'table',
    'always',
    'when services are in the table: `always`, or only `active`: while this director is active for them',
    read.oneOf('always', 'active'),
  ),
  checks: row(
    'checks',
    'always',
    'how servers are checked while this director is passive for all their services: `always` as otherwise, `active`: not at all, or a number: so many times less often',
    readPace,
  ),
  interval: row('interval', 1, 'seconds from one run of that program to the next', read.numberFrom(1, 3600)),
  timeout: row('timeout', 5, 'seconds until a run of it is killed', read.numberFrom(1, 600)),
  fitnessFile: row(
    'fitnessfile',
    null,
    'a file with a number from 0 to 100, how fit this director is, for `track_file` of keepalived',
    read.path,
    { words: 'none' },
  ),
  fitnessAttribute: row(
    'fitnessattribute',
    null,
    'an attribute of its node that gets the same number, for rules of Pacemaker, by attrd_updater(8)',
    readAttribute,
    { words: 'none' },
  ),
};

function readAttribute(text: string): read.Value<string> {
  return /^[A-Za-z_][\w.-]{0,63}$/.test(text)
    ? { value: text }
    : { fault: 'must be a name of letters, digits, ., - and _, as ldirectord-fitness' };
}

function readPace(text: string): read.Value<RoleSettings['checks']> {
  const word = read.oneOf('always', 'active')(text);
  if ('value' in word) return word;
  const factor = read.numberFrom(2, 1000)(text);
  return 'value' in factor ? factor : { fault: 'must be always, active or a whole number from 2 to 1000' };
}

function readRole(text: string): read.Value<RoleAsked> {
  const [, word = '', program = ''] = /^(\S+)(?:\s+(.*))?$/s.exec(text.trim()) ?? [];
  const by = word.toLowerCase();
  if ((by === 'always' || by === 'address') && program === '') return { value: { by } };
  return by === 'command' && program !== ''
    ? { value: { by, program } }
    : { fault: 'must be always, address or command PROGRAM' };
}
