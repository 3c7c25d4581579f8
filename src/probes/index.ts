/** Which probe answers which check. */

import type { CheckType, ServiceName } from '../config/model.js';
import { probeConnect } from './connect.js';
import { probeDns } from './dns.js';
import { probeExternal } from './external.js';
import { probeExternalPerl } from './external-perl.js';
import { probeFtp } from './ftp.js';
import { probeGrpc } from './grpc.js';
import { probeHttp } from './http.js';
import { probeImap } from './imap.js';
import { probeLdap } from './ldap.js';
import { probeMemcached } from './memcached.js';
import { probeMqtt } from './mqtt.js';
import { probeMysql } from './mysql.js';
import { probeNntp } from './nntp.js';
import { probeNtp } from './ntp.js';
import { probeOracle } from './oracle.js';
import { probePgsql } from './pgsql.js';
import { probePing } from './ping.js';
import { probePop } from './pop.js';
import type { Check, Probe } from './probe.js';
import { probeRadius } from './radius.js';
import { probeRedis } from './redis.js';
import { probeSimpleTcp } from './simpletcp.js';
import { probeSip } from './sip.js';
import { probeSmtp } from './smtp.js';
import { probeSsh } from './ssh.js';
import { probeTftp } from './tftp.js';
import { probeTls } from './tls.js';
import { probeUdp } from './udp.js';
import { probeWebSocket } from './websocket.js';

/** What a check asks now: a combined check alternates between the two, the others have but one. */
export type Stage = 'connect' | 'negotiate';

const negotiateProbes: Readonly<Partial<Record<ServiceName, Probe>>> = {
  dns: probeDns,
  http: probeHttp,
  https: probeHttp,
  http_proxy: probeHttp,
  ldap: probeLdap,
  ldaps: probeLdap,
  mysql: probeMysql,
  oracle: probeOracle,
  pgsql: probePgsql,
  smtp: probeSmtp,
  submission: probeSmtp,
  imap: probeImap,
  imaps: probeImap,
  pop: probePop,
  pops: probePop,
  nntp: probeNntp,
  ftp: probeFtp,
  simpletcp: probeSimpleTcp,
  redis: probeRedis,
  memcached: probeMemcached,
  tls: probeTls,
  grpc: probeGrpc,
  mqtt: probeMqtt,
  ntp: probeNtp,
  radius: probeRadius,
  sip: probeSip,
  ssh: probeSsh,
  tftp: probeTftp,
  udp: probeUdp,
  websocket: probeWebSocket,
  // Never asked, and always up.
  none: async () => ({ ok: true, reason: 'not checked' }),
};

const otherProbes: Readonly<Partial<Record<CheckType, Probe>>> = {
  ping: probePing,
  external: probeExternal,
  'external-perl': probeExternalPerl,
};

/** The probe for a check, undefined where `unbuilt` names what is missing. */
export function probeFor(check: Check, stage: Stage): Probe | undefined {
  if (check.type === 'connect' || (check.type === 'combined' && stage === 'connect')) {
    return check.protocol === 'udp' ? probePing : probeConnect;
  }
  return isNegotiated(check.type) ? negotiateProbes[check.service] : otherProbes[check.type];
}

/** What of a virtual service cannot be checked yet, by its name in the file: `service=dns`; null where all can. */
export function unbuilt(type: CheckType, service: ServiceName): string | null {
  if (isNegotiated(type)) {
    return negotiateProbes[service] === undefined ? `service=${service}` : null;
  }
  const needsNone = type === 'on' || type === 'off' || type === 'connect';
  return needsNone || otherProbes[type] !== undefined ? null : `checktype=${type}`;
}

export function isNegotiated(type: CheckType): boolean {
  return type === 'negotiate' || type === 'combined';
}
