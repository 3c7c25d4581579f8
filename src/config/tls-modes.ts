/** Which service speaks TLS, and how. */

import type { ServiceName, TlsMode } from './model.js';

const always: ReadonlySet<ServiceName> = new Set(['https', 'imaps', 'pops', 'ldaps', 'tls']);
const onRequest: ReadonlySet<ServiceName> = new Set([
  'ftp',
  'grpc',
  'imap',
  'ldap',
  'memcached',
  'mqtt',
  'mysql',
  'nntp',
  'pgsql',
  'pop',
  'redis',
  'simpletcp',
  'sip',
  'smtp',
  'submission',
  'websocket',
]);
/** Whose clients take TLS where they can get it, unless they are told otherwise. */
const whereOffered: ReadonlySet<ServiceName> = new Set(['pgsql']);
const byCommand: ReadonlySet<ServiceName> = new Set(['ftp', 'imap', 'ldap', 'pop', 'smtp', 'submission']);

/** Services whose name with TLS is another. */
const secured: Readonly<Partial<Record<ServiceName, ServiceName>>> = { http: 'https' };

export function defaultTls(service: ServiceName): TlsMode {
  if (whereOffered.has(service)) return 'prefer';
  return always.has(service) ? 'yes' : 'no';
}

/** Why a service cannot be asked so, and what to write instead; null where it can. */
export function tlsRefusal(service: ServiceName, mode: TlsMode): string | null {
  if (always.has(service)) {
    return mode === 'yes' ? null : `service=${service} speaks TLS from the first byte: leave tls out`;
  }
  if (mode === 'yes' && !onRequest.has(service)) {
    const other = secured[service];
    return `service=${service} cannot speak TLS: ${other === undefined ? 'leave tls out' : `write service=${other}`}`;
  }
  if (mode === 'starttls' && !byCommand.has(service)) {
    return `service=${service} has no STARTTLS: only ${[...byCommand].join(', ')} have one`;
  }
  if (mode === 'prefer' && !whereOffered.has(service)) {
    return `service=${service} is not asked whether it speaks TLS: write yes or no; only ${[...whereOffered].join(', ')} can be`;
  }
  return null;
}
