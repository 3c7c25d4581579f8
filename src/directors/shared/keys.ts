/**
 * What the store's keys are called, below the prefix. People and scripts write them, too, with `etcdctl`: a drain is one
 * key with its reason as the value.
 *
 *     version                     of this layout
 *     drain/SERVER[/VIRTUAL]      held at weight 0: the reason, or an object of JSON
 *     weight/SERVER[/VIRTUAL]     another weight: the number and perhaps a reason, or an object of JSON
 *     members/NAME                a director that there is, whether it is there now or not
 *     directors/NAME              while a director is there: how it is
 *     observations/NAME           while a director is there: what it sees of its servers that is not as usual
 *     asks/NAME                   for as long as a director wants to know something of others: what
 *     answers/NAME/connections    meanwhile: what a director still has of connections to those servers
 *     answers/NAME/table/N        meanwhile: the table that a director wants, in parts
 */

import type { Override } from '../../model/override.js';

export const rooms = {
  drain: 'drain/',
  weight: 'weight/',
  members: 'members/',
  directors: 'directors/',
  observations: 'observations/',
  asks: 'asks/',
  answers: 'answers/',
} as const;

/** What an override is about. */
export type About = Pick<Override, 'kind' | 'server' | 'virtual'>;

/** Characters of a name: as long as names of hosts are, with a port. */
const longestName = 300;
const name = /^[^\s\p{C}/]+$/u;
/** `udp/192.0.2.1:53` has a slash of its own. */
const virtualName = /^[^\s\p{C}]+$/u;

/** Of an override, below the prefix. */
export function keyOf({ kind, server, virtual }: About): string {
  return `${kind}/${server}${virtual === null ? '' : `/${virtual}`}`;
}

export function isOverrideKey(key: string): boolean {
  return key.startsWith(rooms.drain) || key.startsWith(rooms.weight);
}

/** What the key of an override is about, or what is wrong with it: anybody may have written it. */
export function aboutOf(key: string): About | { readonly fault: string } {
  const kind = key.startsWith(rooms.drain) ? 'drain' : 'weight';
  const rest = key.slice(rooms[kind].length);
  const slash = rest.indexOf('/');
  const server = slash < 0 ? rest : rest.slice(0, slash);
  const virtual = slash < 0 ? null : rest.slice(slash + 1);
  if (!name.test(server) || server.length > longestName) {
    return { fault: 'a server is called as in `ldirectord list`, as web1:80 or 10.0.0.1' };
  }
  if (server !== server.toLowerCase()) return { fault: 'names of servers are written in lower case here' };
  if (virtual !== null && (!virtualName.test(virtual) || virtual.length > longestName)) {
    return { fault: 'behind the server comes a virtual service, as 203.0.113.10:80, or nothing' };
  }
  return { kind, server, virtual };
}

/** Whether a director can be called so: its name is one part of a key. */
export function isDirectorName(text: string): boolean {
  return name.test(text) && text.length <= 64;
}
