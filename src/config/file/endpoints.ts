/** What the readers of virtual services, real servers and fallbacks have in common. */

import type { Family, Forwarding, Host } from '../../model/config.js';
import { isDottedQuad } from './addresses.js';
import type { Field } from './lines.js';
import { type Context, type Outcome, refuse } from './reading.js';

export const forwardings: readonly Forwarding[] = ['gate', 'masq', 'ipip'];

/** A number stays as it is written, since the reference compares ports as text. Null where there is no such port. */
export function portNumber(
  text: string,
  lookUp: (name: string) => number | undefined,
): { readonly text: string; readonly number: number } | null {
  if (/^\d+$/.test(text)) return Number(text) <= 65_535 ? { text, number: Number(text) } : null;
  const number = text === '' ? undefined : lookUp(text);
  return number === undefined ? null : { text: String(number), number };
}

export function refusePort(field: Field): Outcome<never> {
  return refuse('bad-port', 'the port must be a number up to 65535 or a name in /etc/services', field.span());
}

export function refuseAddress(field: Field, family: Family): Outcome<never> {
  const form = family === 'inet6' ? 'an IPv6 address in brackets' : 'an IPv4 address';
  return refuse('bad-address', `this is neither ${form} nor a host name`, field.span());
}

export function refuseForwarding(field: Field): Outcome<never> {
  return refuse('unknown-forwarding', 'the forwarding method must be gate, masq or ipip', field.span());
}

/** What stands between the outermost brackets, wherever they are. */
export function inBrackets(text: string): string {
  return /\[(.*)\]/s.exec(text)?.[1] ?? text;
}

/** Short and octal forms are rarely meant: `10.1` is 10.0.0.1, `010.1.1.1` is 8.1.1.1. */
export function noteShortAddress(written: Field, host: Host, note: Context['note']): void {
  if (host.address === null || !/^[\d.]+$/.test(written.text) || isDottedQuad(written.text)) return;
  note('unusual-address', `read as ${host.address}`, written.span());
}
