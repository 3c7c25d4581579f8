/** Which probe answers which check. */

import type { Protocol, ServiceName } from '../config/model.js';
import { probeConnect } from './connect.js';
import { isLazy, lazily } from './lazily.js';
import type { Check, Probe } from './probe.js';

/** What a check asks now: a combined check alternates between the two, the others have but one. */
export type Stage = 'connect' | 'negotiate';

const probeHttp = lazily(async () => (await import('./http.js')).probeHttp);
const probeImap = lazily(async () => (await import('./imap.js')).probeImap);
const probeLdap = lazily(async () => (await import('./ldap.js')).probeLdap);
const probePing = lazily(async () => (await import('./ping.js')).probePing);
const probePop = lazily(async () => (await import('./pop.js')).probePop);
const probeSmtp = lazily(async () => (await import('./smtp.js')).probeSmtp);

const negotiateProbes: Readonly<Record<ServiceName, Probe>> = {
  dns: lazily(async () => (await import('./dns.js')).probeDns),
  http: probeHttp,
  https: probeHttp,
  http_proxy: probeHttp,
  ldap: probeLdap,
  ldaps: probeLdap,
  mysql: lazily(async () => (await import('./mysql.js')).probeMysql),
  oracle: lazily(async () => (await import('./oracle.js')).probeOracle),
  pgsql: lazily(async () => (await import('./pgsql.js')).probePgsql),
  smtp: probeSmtp,
  submission: probeSmtp,
  imap: probeImap,
  imaps: probeImap,
  pop: probePop,
  pops: probePop,
  nntp: lazily(async () => (await import('./nntp.js')).probeNntp),
  ftp: lazily(async () => (await import('./ftp.js')).probeFtp),
  simpletcp: lazily(async () => (await import('./simpletcp.js')).probeSimpleTcp),
  redis: lazily(async () => (await import('./redis.js')).probeRedis),
  memcached: lazily(async () => (await import('./memcached.js')).probeMemcached),
  tls: lazily(async () => (await import('./tls.js')).probeTls),
  grpc: lazily(async () => (await import('./grpc.js')).probeGrpc),
  mqtt: lazily(async () => (await import('./mqtt.js')).probeMqtt),
  ntp: lazily(async () => (await import('./ntp.js')).probeNtp),
  radius: lazily(async () => (await import('./radius.js')).probeRadius),
  sip: lazily(async () => (await import('./sip.js')).probeSip),
  ssh: lazily(async () => (await import('./ssh.js')).probeSsh),
  tftp: lazily(async () => (await import('./tftp.js')).probeTftp),
  udp: lazily(async () => (await import('./udp.js')).probeUdp),
  websocket: lazily(async () => (await import('./websocket.js')).probeWebSocket),
  // Never asked, and always up.
  none: async () => ({ ok: true, reason: 'not checked' }),
};

const otherProbes: Readonly<Record<Exclude<Check['type'], 'connect' | 'negotiate' | 'combined'>, Probe>> = {
  ping: probePing,
  external: lazily(async () => (await import('./external.js')).probeExternal),
  'external-perl': lazily(async () => (await import('./external-perl.js')).probeExternalPerl),
};

export function probeFor({ type, service, protocol }: Check, stage: Stage): Probe {
  switch (type) {
    case 'negotiate':
      return negotiateProbes[service];
    case 'combined':
      return stage === 'connect' ? connectProbe(protocol) : negotiateProbes[service];
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
  // A part of the HTTP checks, which those in clear do without.
  if (check.tls !== null || check.http.version === '2') await import('./wire/dialled-exchange.js');
}
