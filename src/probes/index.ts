/** Which probe answers which check. */

import type { CheckType, Protocol, ServiceName } from '../config/model.js';
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

const negotiateProbes: Readonly<Record<ServiceName, Probe>> = {
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

const otherProbes: Readonly<Record<Exclude<Check['type'], 'connect' | 'negotiate' | 'combined'>, Probe>> = {
  ping: probePing,
  external: probeExternal,
  'external-perl': probeExternalPerl,
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

export function isNegotiated(type: CheckType): boolean {
  return type === 'negotiate' || type === 'combined';
}
