/** The probe of each service, whose code is loaded when it is needed. What else is known of one stands in its row. */

import type { ServiceName } from '../../config/services.js';
import { lazily } from '../lazily.js';
import type { Probe } from '../probe.js';

/** Services of one probe, which differ in when TLS begins, share its code. */
const http = lazily(async () => (await import('../http/http.js')).probeHttp);
const imap = lazily(async () => (await import('./imap.js')).probeImap);
const ldap = lazily(async () => (await import('./ldap.js')).probeLdap);
const pop = lazily(async () => (await import('./pop.js')).probePop);
const smtp = lazily(async () => (await import('./smtp.js')).probeSmtp);

export const probes: Readonly<Record<ServiceName, Probe>> = {
  dns: lazily(async () => (await import('./dns.js')).probeDns),
  ftp: lazily(async () => (await import('./ftp.js')).probeFtp),
  http,
  https: http,
  http_proxy: http,
  imap,
  imaps: imap,
  ldap,
  ldaps: ldap,
  mysql: lazily(async () => (await import('./mysql.js')).probeMysql),
  nntp: lazily(async () => (await import('./nntp.js')).probeNntp),
  none: async () => ({ ok: true, reason: 'not checked' }),
  oracle: lazily(async () => (await import('./oracle.js')).probeOracle),
  pgsql: lazily(async () => (await import('./pgsql.js')).probePgsql),
  pop,
  pops: pop,
  radius: lazily(async () => (await import('./radius.js')).probeRadius),
  simpletcp: lazily(async () => (await import('./simpletcp.js')).probeSimpleTcp),
  sip: lazily(async () => (await import('./sip.js')).probeSip),
  smtp,
  submission: smtp,
  ssh: lazily(async () => (await import('./ssh.js')).probeSsh),
  grpc: lazily(async () => (await import('./grpc.js')).probeGrpc),
  redis: lazily(async () => (await import('./redis.js')).probeRedis),
  memcached: lazily(async () => (await import('./memcached.js')).probeMemcached),
  ntp: lazily(async () => (await import('./ntp.js')).probeNtp),
  tftp: lazily(async () => (await import('./tftp.js')).probeTftp),
  mqtt: lazily(async () => (await import('./mqtt.js')).probeMqtt),
  websocket: lazily(async () => (await import('./websocket.js')).probeWebSocket),
  udp: lazily(async () => (await import('./udp.js')).probeUdp),
  tls: lazily(async () => (await import('./tls.js')).probeTls),
};
