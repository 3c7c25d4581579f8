/** What a real server can be called: by files in the maintenance directory, and in maintenance windows. */

import type { RealServer } from '../model/config.js';

/**
 * Its address, and its name in the configuration or in the DNS, the latter in full or up to the first dot; each
 * alone or with the server's port. IPv6 addresses stand in brackets.
 */
export function namesOf({ host, port }: Pick<RealServer, 'host' | 'port'>, aliases: readonly string[] = []): string[] {
  const hosts = new Set<string>();
  for (const name of [host.address, host.name, ...aliases]) {
    if (name === null) continue;
    if (name.includes(':')) hosts.add(`[${name}]`);
    else if (isAddress(name)) hosts.add(name);
    else {
      const full = name.toLowerCase().replace(/\.$/, '');
      hosts.add(full);
      hosts.add(full.replace(/\..*/, ''));
    }
  }
  return [...hosts].flatMap((name) => [name, `${name}:${port}`]);
}

export function isCalled(real: RealServer, name: string): boolean {
  return namesOf(real).includes(name.toLowerCase());
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name);
}
