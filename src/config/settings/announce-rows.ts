/** The sections `[announce VIP | *]` of the settings file: how and when the addresses of services are announced. */

import { isIP } from 'node:net';
import type { Item } from './item.js';
import { defaultsOf, type Row, row } from './row.js';
import * as read from './values.js';

/** Who makes an address reachable. */
export type AnnouncedBy =
  | { readonly how: 'address'; readonly device: string }
  | { readonly how: 'exabgp'; readonly pipe: string }
  | { readonly how: 'command'; readonly command: string };

export interface AnnounceSection extends Item {
  readonly by: AnnouncedBy | null;
  readonly when: 'healthy' | 'always';
  /** Which of its services must be served. */
  readonly health: 'all' | 'any';
  /** Seconds for which it is healthy before it is announced. */
  readonly hold: number;
  /** Whether it stays announced while no director has it healthy. */
  readonly failStatic: boolean;
}

/** For every address that has no section of its own. */
export const everyAddress = '*';

export const announceRows: {
  readonly [K in Exclude<keyof AnnounceSection, keyof Item>]: Row<AnnounceSection[K]>;
} = {
  by: row(
    'by',
    null,
    'who announces it: `address DEV`, the address on a device, for FRR and BIRD; `exabgp PIPE`, lines to the pipe of ExaBGP; `command PROGRAM`, a program that is told',
    read.announcedBy,
    { words: 'none, so that a section needs it' },
  ),
  when: row(
    'when',
    'healthy',
    'when it is announced: `healthy`, or `always`, which tells ExaBGP by the metric how healthy it is',
    read.oneOf('healthy', 'always'),
  ),
  health: row(
    'health',
    'all',
    'whether it is healthy while `all` or `any` of its services have a real server in use',
    read.oneOf('all', 'any'),
  ),
  hold: row(
    'hold',
    10,
    'seconds for which it is healthy before it is announced; withdrawn it is at once',
    read.numberFrom(0, 3600),
  ),
  failStatic: row(
    'failstatic',
    false,
    'whether it stays announced while it is healthy on no director, as `[store]` tells; without one that is not known',
    read.yesNo,
  ),
};

/** A section of which nothing is said but whom it is about. */
export function announceCalled(name: string): AnnounceSection {
  return { name: name.toLowerCase(), places: {}, ...defaultsOf(announceRows) };
}

/** What keeps one from ever counting; null where nothing does. */
export function announceFaults({ name, by }: AnnounceSection): string | null {
  if (name === '') return 'whose address? write [announce 192.0.2.1], or [announce *] for all others';
  if (/[\s/]/.test(name) || (name.includes(':') && isIP(name) !== 6)) return `'${name}' is no address`;
  return by === null ? 'it needs by: address DEV, exabgp PIPE or command PROGRAM' : null;
}
