/** What takes a service's connections or datagrams, and why it may fail to. */

import type { Failure } from '../backend.js';
import { endpointText, type Service, serviceKey } from '../table.js';

/** A service that has an address: one without cannot be listened to. */
export type AddressedService = Exclude<Service, { readonly protocol: 'fwm' }>;

export interface Listener {
  /** The address and port are free at once; what was forwarded goes on. */
  close(): void;
}

/** The failure of listening, with what to do about it. */
export function listenFailure(service: AddressedService, error: unknown): Failure {
  const code = errnoOf(error);
  const remedy = remedyOf(service, code);
  const cause = error instanceof Error ? error.message : String(error);
  return { code, message: `${serviceKey(service)}: listen: ${cause}${remedy === null ? '' : `; ${remedy}`}` };
}

function remedyOf(service: AddressedService, code: string): string | null {
  switch (code) {
    case 'EADDRNOTAVAIL': {
      const prefix = service.family === 'inet6' ? '128' : '32';
      return `the address is not on this machine: \`ip address add ${service.address}/${prefix} dev lo\``;
    }
    case 'EACCES':
      return `ports below net.ipv4.ip_unprivileged_port_start need the capability cap_net_bind_service`;
    case 'EADDRINUSE':
      return `see who listens at ${endpointText(service.address, service.port)} already: \`ss -l${
        service.protocol === 'udp' ? 'u' : 't'
      }np 'sport = :${service.port}'\``;
    case 'EMFILE':
    case 'ENFILE':
      return 'raise the limit of open files (`ulimit -n`, LimitNOFILE= in the unit)';
    case 'ENOSPC':
      return 'the system watches no more sockets for this user: raise fs.epoll.max_user_watches (`sysctl`)';
    default:
      return null;
  }
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}
