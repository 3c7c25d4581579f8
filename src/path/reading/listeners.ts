/** Sockets that wait for others, by ss(8), and where that is missing by proc(5). */

import { isIPv6, SocketAddress } from 'node:net';
import type { Listener } from '../machine.js';
import type { Section } from './section.js';

export const listenerSection: Section<readonly Listener[]> = {
  script: [
    'if command -v ss >/dev/null 2>&1; then',
    'ss -H -ltnu 2>/dev/null',
    'else',
    // The state of TCP that is LISTEN, and that of UDP which has no peer.
    'for protocol in tcp tcp6 udp udp6; do',
    'grep -E \'^ *[0-9]+: [0-9A-F]+:[0-9A-F]{4} 0+:0000 (0A|07) \' "/proc/net/$protocol" 2>/dev/null | sed "s/^/$protocol /"',
    'done',
    'fi\n',
  ].join('\n'),
  read: (lines) => ({ ok: true, value: lines.flatMap((line) => bySs(line) ?? byProc(line) ?? []) }),
};

/** `tcp LISTEN 0 128 [::1]:80 [::]:*`; an asterisk is every address of both families. */
function bySs(line: string): Listener[] | null {
  const found = /^(tcp|udp) +(?:LISTEN|UNCONN) +\d+ +\d+ +(\S+):(\d+) /.exec(line);
  if (found === null) return null;
  const [, protocol, host = '', port] = found;
  const address = host.replaceAll(/[[\]]|%.*$/g, '');
  return listenersAt(
    protocol === 'udp' ? 'udp' : 'tcp',
    address === '*' ? '::' : address,
    Number(port),
    address === '*',
  );
}

/** `tcp6 0: 00000000000000000000000000000000:0050 …`: words of the machine's own order of bytes. */
function byProc(line: string): Listener[] | null {
  const found = /^(tcp|udp)6? +\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) /.exec(line);
  if (found === null) return null;
  const [, protocol, digits = '', port = ''] = found;
  // Nearly all machines have the lowest byte first.
  const bytes = (digits.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const address =
    bytes.length === 4
      ? bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
      : (bytes.join('').match(/.{4}/g) ?? []).join(':');
  // Whether it takes connections of IPv4, too, is not told here: by default it does.
  const takesBoth = bytes.length === 16 && /^0+$/.test(digits);
  return listenersAt(protocol === 'udp' ? 'udp' : 'tcp', address, Number.parseInt(port, 16), takesBoth);
}

function listenersAt(protocol: 'tcp' | 'udp', text: string, port: number, takesBoth: boolean): Listener[] {
  if (!isIPv6(text)) return [{ protocol, family: 'inet', address: text, port }];
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const own: Listener = { protocol, family: 'inet6', address, port };
  // A socket of IPv6 that serves an address of IPv4 (RFC 4291, 2.5.5.2).
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return [{ protocol, family: 'inet', address: mapped, port }];
  return takesBoth ? [own, { protocol, family: 'inet', address: '0.0.0.0', port }] : [own];
}
