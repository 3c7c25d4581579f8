/** How virtual services, servers and values are written in the log, in listings and in arguments of checks. */

import type { Carried, Damping, Endpoint, Host, PortRange, Quorum, Requirement, StatusRange } from './config.js';

/** The address in brackets where it is IPv6, or the name where it has no address. */
export function hostText(host: Host): string {
  const text = host.address ?? host.name;
  return text.includes(':') ? `[${text}]` : text;
}

/** `192.0.2.1:80`, or the firewall mark. */
export function endpointName(endpoint: Endpoint): string {
  return endpoint.protocol === 'fwm' ? String(endpoint.mark) : `${hostText(endpoint.host)}:${endpoint.port}`;
}

/** `192.0.2.1:80,8000-8100`: with the host's name, where the file has one. */
export function carriedName({ host, ports }: Carried): string {
  return `${hostText({ ...host, address: null })}:${ports.map(rangeText).join(',')}`;
}

/** `10.0.0.1:80`. */
export function serverName(server: { readonly host: Host; readonly port: number }): string {
  return `${hostText(server.host)}:${server.port}`;
}

/** `web1:80`, where the file has a name for what the log calls by its address; null where it has not. */
export function nameInFile({ host, port }: { readonly host: Host; readonly port: number }): string | null {
  const { name, address } = host;
  if (name === address || address === null || name === '' || isAddress(name)) return null;
  return `${name}:${port}`;
}

/** `web1:80 [10.0.0.1]`, of what the file calls it and the log; or what both call it. */
export function withAddress(called: string, name: string): string {
  if (called === name) return name;
  return `${called} [${name.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')}]`;
}

/** Also in a form that is not the canonical one. */
function isAddress(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}

/** `200`, `8000-8100`: of status codes, and of ports. */
export function rangeText({ from, to }: StatusRange | PortRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/** `2`, `50%`. */
export function quorumText({ amount, unit }: Quorum): string {
  return unit === 'percent' ? `${amount}%` : String(amount);
}

/** `10 300`. */
export function dampingText({ base, most }: Damping): string {
  return `${base} ${most}`;
}

/** `http:8080 "/health" "ok"`, without what it does not say. */
export function requirementText({ kind, port, request, receive }: Requirement): string {
  const place = port === null ? kind : `${kind}:${port}`;
  if (receive !== null) return `${place} "${request}" "${receive.source}"`;
  return request === '/' ? place : `${place} "${request}"`;
}
