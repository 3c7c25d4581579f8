/** Which service speaks TLS, and how. */

import { allServiceNames } from './service-lists.js';
import { type ServiceName, services, type TlsMode } from './services.js';

export function defaultTls(service: ServiceName): TlsMode {
  return services[service].tls[0] ?? 'no';
}

/** Why a service cannot be asked so, and what to write instead; null where it can. */
export function tlsRefusal(service: ServiceName, mode: TlsMode): string | null {
  const { tls, secured } = services[service];
  if (tls.includes(mode)) return null;
  if (!tls.includes('no')) return `service=${service} speaks TLS from the first byte: leave tls out`;
  if (mode === 'starttls') {
    return `service=${service} has no STARTTLS: only ${servicesWith('starttls').join(', ')} have one`;
  }
  if (mode === 'prefer') {
    const others = servicesWith('prefer').join(', ');
    return `service=${service} is not asked whether it speaks TLS: write yes or no; only ${others} can be`;
  }
  return `service=${service} cannot speak TLS: ${secured === null ? 'leave tls out' : `write service=${secured}`}`;
}

export function servicesWith(mode: TlsMode): ServiceName[] {
  return allServiceNames.filter((service) => services[service].tls.includes(mode));
}
