/** Events by the names that the file uses, for people: the words of the log have addresses, and are an interface. */

import type { Event } from '../events.js';
import type { VirtualSubject } from '../model/subject.js';

/** How a name is shown of whom the log calls by an address. */
export type ShowName = (called: string, name: string) => string;

/** The same event where the file has no name for whom it is about. */
export function inFileNames(event: Event, show: ShowName = (called) => called): Event {
  if (event.type === 'table-changed') {
    const change = renamed(event.change, show);
    return change === event.change ? event : { ...event, change };
  }
  return 'virtual' in event ? renamed(event, show) : event;
}

interface About extends VirtualSubject {
  readonly server?: string;
  /** Of a change of the table: the server, or where it stands mapped from that. */
  readonly name?: string;
}

function renamed<T extends About>(about: T, show: ShowName): T {
  const { inFile, virtual, server, name } = about;
  if (inFile === undefined) return about;
  const shown: { virtual: string; server?: string; name?: string } = {
    virtual: inFile.virtual === undefined ? virtual : show(inFile.virtual, virtual),
  };
  if (server !== undefined && inFile.server !== undefined) {
    shown.server = show(inFile.server, server);
    if (name?.endsWith(server)) shown.name = name.slice(0, -server.length) + shown.server;
  }
  return { ...about, ...shown };
}
