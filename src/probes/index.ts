/** Which probe answers which check. */

import type { Protocol } from '../model/config.js';
import { probeConnect } from './connect.js';
import { isLazy, lazily } from './lazily.js';
import { type Check, isUnjudged, type Probe } from './probe.js';
import { probes } from './services/index.js';

/** What a check asks now: a combined check alternates between the two, the others have but one. */
export type Stage = 'connect' | 'negotiate';

const probePing = lazily(async () => (await import('./ping/ping.js')).probePing);

const otherProbes: Readonly<Record<Exclude<Check['type'], 'connect' | 'negotiate' | 'combined'>, Probe>> = {
  ping: probePing,
  external: lazily(async () => (await import('./programs/external.js')).probeExternal),
  'agent-tcp': lazily(async () => (await import('./agent.js')).probeAgent),
  'agent-http': lazily(async () => (await import('./http/agent.js')).probeHttpAgent),
  'external-perl': lazily(async () => (await import('./programs/external-perl.js')).probeExternalPerl),
};

export function probeFor({ type, service, protocol }: Check, stage: Stage): Probe {
  switch (type) {
    case 'negotiate':
      return probes[service];
    case 'combined':
      return stage === 'connect' ? connectProbe(protocol) : probes[service];
    case 'connect':
      return connectProbe(protocol);
    default:
      return otherProbes[type];
  }
}

function connectProbe(protocol: Protocol): Probe {
  return protocol === 'udp' ? probePing : probeConnect;
}

const stages: readonly Stage[] = ['connect', 'negotiate'];

/** Whether some of the code for a check is loaded when the check is run. */
export function isLoadedLater(check: Check): boolean {
  return stages.some((stage) => isLazy(probeFor(check, stage)));
}

/** Loads all code for a check. Rejects where that fails. */
export async function loadProbes(check: Check): Promise<void> {
  for (const stage of stages) {
    const probe = probeFor(check, stage);
    if (isLazy(probe)) await probe.load();
  }
  // Parts of the HTTP checks, which most do without.
  const { tls, http } = check;
  const asksItself = http.version === '1.1' && (tls === null || (isUnjudged(tls) && (await loadOpenSsl())));
  if (!asksItself) await import('./http/dialled-exchange.js');
}

async function loadOpenSsl(): Promise<boolean> {
  return (await import('./http/secure-exchange.js')).hasOpenSsl();
}
