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
  return anyCalled([name])(real);
}

/** Whether a server is called by one of these names: asked of a hundred thousand servers, so no text is made for each. */
export function anyCalled(
  names: Iterable<string>,
): (real: Pick<RealServer, 'host' | 'port'>, aliases?: readonly string[]) => boolean {
  /** By host, the ports, as texts, that are asked for with it; null is any. */
  const hosts = new Map<string, (string | null)[]>();
  const want = (host: string, port: string | null): void => {
    const inner = /^\[(.*:.*)\]$/.exec(host)?.[1] ?? (host.includes(':') ? null : host);
    if (inner === null) return;
    const ports = hosts.get(inner);
    if (ports === undefined) hosts.set(inner, [port]);
    else ports.push(port);
  };
  for (const name of names) {
    const called = name.toLowerCase();
    want(called, null);
    const [, host, port] = /^(.*):(\d+)$/.exec(called) ?? [];
    if (host !== undefined && port !== undefined) want(host, port);
  }
  const isHost = (host: string, port: number): boolean =>
    hosts.get(host)?.some((wanted) => wanted === null || wanted === String(port)) ?? false;
  const isName = (name: string, port: number): boolean => {
    if (name.includes(':') || isAddress(name)) return isHost(name, port);
    const full = name.toLowerCase().replace(/\.$/, '');
    return isHost(full, port) || isHost(full.replace(/\..*/, ''), port);
  };
  return ({ host, port }, aliases) => {
    if (host.address !== null && isHost(host.address, port)) return true;
    if (host.name !== host.address && isName(host.name, port)) return true;
    return aliases?.some((alias) => isName(alias, port)) ?? false;
  };
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name);
}
