/** Ports of services and their names, as /etc/services tells them (services(5)). */

import { readFile } from 'node:fs/promises';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface ServicePorts {
  port(name: string, protocol: Protocol): number | undefined;
  /** The first name of a port. */
  name(port: number, protocol: Protocol): string | undefined;
}

const servicesFile = '/etc/services';
const highestPort = 65535;

/** For a system without the file: the services that can be checked, and their ports. */
const wellKnown = `
ftp 21/tcp
ssh 22/tcp
smtp 25/tcp mail
domain 53/tcp
domain 53/udp
tftp 69/udp
http 80/tcp www
pop3 110/tcp pop-3
nntp 119/tcp
ntp 123/udp
imap2 143/tcp imap
ldap 389/tcp
https 443/tcp
submission 587/tcp
ldaps 636/tcp
imaps 993/tcp
pop3s 995/tcp
radius 1812/tcp
radius 1812/udp
mqtt 1883/tcp
mysql 3306/tcp
postgresql 5432/tcp
sip 5060/tcp
sip 5060/udp
redis 6379/tcp
memcached 11211/tcp
memcached 11211/udp
`;

/** Lines that say nothing are passed over. Of two lines with one name the first counts, as for getservbyname(3). */
export function parseServices(text: string): ServicePorts {
  // Gone through at the first question: most configurations have numbers alone.
  let read: Tables | null = null;
  const tables = (): Tables => {
    read ??= tablesOf(text);
    return read;
  };
  return {
    // A name has a letter: RFC 6335, 5.1.
    port: (name, protocol) => (/^\d+$/.test(name) ? undefined : tables().ports.get(`${name}/${protocol}`)),
    name: (port, protocol) => tables().names.get(`${port}/${protocol}`),
  };
}

interface Tables {
  readonly ports: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, string>;
}

function tablesOf(text: string): Tables {
  const ports = new Map<string, number>();
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, entry, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, digits, protocol] = /^(\d+)\/(tcp|udp|sctp)$/.exec(entry ?? '') ?? [];
    const port = Number(digits);
    if (name === undefined || protocol === undefined || port > highestPort) {
      continue;
    }
    const place = `${port}/${protocol}`;
    if (!names.has(place)) names.set(place, name);
    for (const word of [name, ...aliases]) {
      const key = `${word}/${protocol}`;
      if (!ports.has(key)) {
        ports.set(key, port);
      }
    }
  }
  return { ports, names };
}

let last: { readonly text: string; readonly ports: ServicePorts } | null = null;

/**
 * Reads `file`; where it is missing or cannot be read, the services that can be checked. The same object as the last time
 * where it says the same.
 */
export async function loadServices(file: string = servicesFile): Promise<ServicePorts> {
  const text = await readFile(file, 'utf8').catch(() => wellKnown);
  if (last?.text !== text) last = { text, ports: parseServices(text) };
  return last.ports;
}
