/** Where a listener is to be: an address and port, or a Unix socket. */

import { isIP } from 'node:net';

export type ListenAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** What fits into the kernel's sun_path, less the zero at its end. */
const longestPath = 107;
const loopback = '127.0.0.1';

/** From `9102`, `127.0.0.1:9102`, `[::1]:9102`, `localhost:9102` or `/run/NAME.sock`; null for anything else. */
export function parseListenAddress(text: string): ListenAddress | null {
  if (text.startsWith('/')) return Buffer.byteLength(text) <= longestPath ? { path: text } : null;
  const match = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, six, other, digits] = match;
  const port = Number(digits);
  if (port < 1 || port > 65_535) return null;
  if (six !== undefined) return isIP(six) === 6 ? { host: six, port } : null;
  const host = other === undefined || other === 'localhost' ? loopback : other;
  return isIP(host) === 4 ? { host, port } : null;
}

/** `127.0.0.1:9102`, `[::1]:9102`, or the path. */
export function listenAddressText(address: ListenAddress): string {
  if ('path' in address) return address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether only this machine can get there by IP. */
export function isLoopback(address: ListenAddress): boolean {
  return 'host' in address && (address.host === '::1' || address.host.startsWith('127.'));
}
