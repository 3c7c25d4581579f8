/** How the checks of a virtual speak TLS and HTTP. */

import { services, type TlsMode } from '../config/services.js';
import type { NamedFile, Virtual } from '../model/config.js';
import { type HttpOptions, type Pem, type TlsOptions, unjudged } from '../probes/probe.js';
import { tlsNameOf } from '../probes/sockets/tls-name.js';

/** What can be had without is not worth a judgement. */
const preferred: TlsOptions = { mode: 'prefer', ...unjudged };

/** In a mode of the virtual's own, or of a further check's service. */
export function tlsOf(virtual: Virtual, mode: TlsMode = virtual.tls): TlsOptions | null {
  if (mode === 'no') return null;
  if (mode === 'prefer') return preferred;
  const { tlscafile, tlscertfile, tlskeyfile } = virtual;
  return {
    mode,
    verify: virtual.tlsverify,
    servername: tlsNameOf(virtual.tlsservername ?? virtual.virtualhost ?? ''),
    ca: tlscafile && pemOf(tlscafile),
    client: tlscertfile && { cert: pemOf(tlscertfile), key: pemOf(tlskeyfile ?? tlscertfile) },
    minDays: virtual.tlsmindays,
  };
}

function pemOf({ text, digest }: NamedFile): Pem {
  return { text, digest };
}

export function httpOf(virtual: Virtual): HttpOptions {
  return {
    statuses: virtual.expectstatus,
    headers: virtual.requestheader,
    auth: virtual.httpauth,
    receiveIn: virtual.receivein,
    bodyLimit: virtual.bodylimit,
    version: virtual.httpversion,
    followRedirects: virtual.followredirects,
    keepAlive: virtual.keepalive,
    publicPort: publicPortOf(virtual),
  };
}

/** Of all others none, so that virtuals of different ports can share a check. */
function publicPortOf({ service, followredirects, endpoint }: Virtual): number | null {
  return services[service].http === 'site' && followredirects && endpoint.protocol !== 'fwm' ? endpoint.port : null;
}
