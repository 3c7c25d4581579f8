/** What `require` adds to the checks of a virtual. */

import { services } from '../config/services.js';
import type { Protocol, Requirement, Virtual } from '../model/config.js';
import type { Check, Further } from '../probes/probe.js';
import { httpOf, tlsOf } from './protocols.js';

/** Null without any: then nothing of it is kept, sent or looked at. */
export function furtherOf(virtual: Virtual): Check['further'] {
  if (virtual.require.length === 0) return null;
  // HTTP/2 is agreed on with the virtual's own service, and clients do not come here.
  const http = { ...httpOf(virtual), version: '1.1', publicPort: null } as const;
  const common = { http, hex: { request: '', receive: '' } } as const;
  return virtual.require.map((required): Further => {
    const { kind, port, request, receive } = required;
    if (kind === 'connect' || kind === 'ping') {
      const asked = kind === 'ping' ? 0 : port;
      return { ...common, type: kind, service: 'none', protocol: 'tcp', port: asked, request, receive, tls: null };
    }
    const service = services[kind];
    return {
      ...common,
      type: 'negotiate',
      service: kind,
      protocol: protocolOf(virtual, kind),
      port: port ?? service.port,
      request,
      receive,
      tls: tlsOf(virtual, service.tls[0]),
    };
  });
}

/** That of the virtual says something of its own service alone. */
function protocolOf({ service, endpoint }: Virtual, kind: Exclude<Requirement['kind'], 'connect' | 'ping'>): Protocol {
  return kind === service ? endpoint.protocol : services[kind].protocol;
}
