/** The services that a negotiate check speaks: what each asks, when a server is up, and the probe that finds out. */

import type { ServiceName } from '../config/model.js';
import { lazily } from './lazily.js';
import type { Probe } from './probe.js';

export interface Service {
  /** What `request` means; empty where nothing is made of it. */
  readonly request: string;
  /** What a server has done that is up. A sentence without its end; `receive` must match what it names last. */
  readonly up: string;
  readonly probe: Probe;
}

/** Services of one probe, which differ in when TLS begins, share its code. */
const probeHttp = lazily(async () => (await import('./http.js')).probeHttp);
const probeImap = lazily(async () => (await import('./imap.js')).probeImap);
const probeLdap = lazily(async () => (await import('./ldap.js')).probeLdap);
const probePop = lazily(async () => (await import('./pop.js')).probePop);
const probeSmtp = lazily(async () => (await import('./smtp.js')).probeSmtp);

const http: Service = {
  request: 'the path; for a proxy a whole address',
  up: 'a status that is expected, and the body, headers or status line match',
  probe: probeHttp,
};
const smtp: Service = {
  request: '',
  up:
    'it greets with 220 and takes EHLO or HELO, and where these are set STARTTLS and a login (PLAIN, LOGIN or ' +
    'CRAM-MD5)',
  probe: probeSmtp,
};
const imap: Service = {
  request: '',
  up: 'it answers CAPABILITY with OK or, with `login` and unless it greets with PREAUTH, lets that user in',
  probe: probeImap,
};
const pop: Service = {
  request: '',
  up: 'it answers CAPA, or else QUIT, if only with an error, or, with `login`, lets that user in',
  probe: probePop,
};
const ldap: Service = {
  request: 'the entry, the root without one',
  up: 'it lets `login` bind and shows the entry; its name or one of its values matches',
  probe: probeLdap,
};
/** What the three databases have in common. */
const statement = 'a statement';
const row = '`login` gets into `database`, and the statement finds or changes a row';

/** In the order of the manual: the reference's, then the extensions. */
export const services: Readonly<Record<ServiceName, Service>> = {
  http,
  https: http,
  http_proxy: http,
  smtp,
  submission: smtp,
  imap,
  imaps: imap,
  pop,
  pops: pop,
  nntp: {
    request: 'an extension: a command',
    up: 'it greets with 200 or 201 and, with `login`, lets that user in; the reply to the command matches',
    probe: lazily(async () => (await import('./nntp.js')).probeNntp),
  },
  ftp: {
    request: 'a file',
    up:
      'it lets `login` in and gives the file, whose first 512 KiB match; without login, request and receive a server ' +
      'that takes no anonymous users, or none without TLS, is up too',
    probe: lazily(async () => (await import('./ftp.js')).probeFtp),
  },
  simpletcp: {
    request: 'what is sent, `\\n` is a line end; over TCP without TLS this side of the connection is ended then',
    up: 'its answer over `protocol` matches, as a whole or in one of its lines, before the check’s time is over',
    probe: lazily(async () => (await import('./simpletcp.js')).probeSimpleTcp),
  },
  dns: {
    request: 'the name, or an address; a name without a dot is looked for in the domains of resolv.conf(5) first',
    up:
      'it answers with a record of `dnstype`, no alias alone; one of these matches, as a zone file writes its data, but ' +
      'texts without quotes and names without the dot at their end',
    probe: lazily(async () => (await import('./dns.js')).probeDns),
  },
  ldap,
  ldaps: ldap,
  mysql: {
    request: statement,
    up: row,
    probe: lazily(async () => (await import('./mysql.js')).probeMysql),
  },
  pgsql: {
    request: statement,
    up: `${row}; over TLS where the server offers that, or as \`tls\` says`,
    probe: lazily(async () => (await import('./pgsql.js')).probePgsql),
  },
  oracle: {
    request: statement,
    up: '`login` gets into the database whose SID is `database`, and the statement finds or changes a row',
    probe: lazily(async () => (await import('./oracle.js')).probeOracle),
  },
  radius: {
    request: '',
    up: 'Access-Accept for `login` and `passwd`, proven with `secret`',
    probe: lazily(async () => (await import('./radius.js')).probeRadius),
  },
  sip: {
    request: '',
    up: 'status 200 to OPTIONS for `login`; a challenge is answered with `passwd` by digest',
    probe: lazily(async () => (await import('./sip.js')).probeSip),
  },
  none: {
    request: '',
    up: 'always: it is not asked',
    probe: async () => ({ ok: true, reason: 'not checked' }),
  },
  ssh: {
    request: 'a command for the shell, with `login`',
    up:
      'keys are agreed on or, without `login`, only algorithms offered that the check does not know; the password is ' +
      'taken, also as an answer (keyboard-interactive); the command ends with status 0; its output, or else the ' +
      'greeting, matches',
    probe: lazily(async () => (await import('./ssh.js')).probeSsh),
  },
  grpc: {
    request: 'the service’s name; none is the server as a whole',
    up: 'the standard health protocol says SERVING',
    probe: lazily(async () => (await import('./grpc.js')).probeGrpc),
  },
  redis: {
    request: 'a command, with quotes as in `redis-cli`',
    up: 'it answers PING, after AUTH with `passwd`, and the command, with no error; the last reply matches',
    probe: lazily(async () => (await import('./redis.js')).probeRedis),
  },
  memcached: {
    request: 'a command',
    up:
      'it tells its version in text, to which a server with `-B binary` says nothing, after a login with `login`, and ' +
      'answers the command with no error; the last reply matches',
    probe: lazily(async () => (await import('./memcached.js')).probeMemcached),
  },
  ntp: {
    request: '',
    up: 'the server has the time: synchronized, stratum 1 to 15, less than 16 s from its sources by its own account',
    probe: lazily(async () => (await import('./ntp.js')).probeNtp),
  },
  tftp: {
    request: 'a file',
    up: 'the file can be read, and matches within 64 KiB; without `receive` its first block',
    probe: lazily(async () => (await import('./tftp.js')).probeTftp),
  },
  mqtt: {
    request: '',
    up: 'the broker accepts a client, with `login` and `passwd` where set',
    probe: lazily(async () => (await import('./mqtt.js')).probeMqtt),
  },
  websocket: {
    request: 'the path and, after a blank, a text to send',
    up: 'the handshake; where a text or `receive` is set, a message that matches',
    probe: lazily(async () => (await import('./websocket.js')).probeWebSocket),
  },
  udp: {
    request: 'what is sent, or `requesthex`',
    up:
      'an answer with `receive` and `receivehex`; where neither is set, no ICMP error within five seconds, or four ' +
      'fifths of `negotiatetimeout`',
    probe: lazily(async () => (await import('./udp.js')).probeUdp),
  },
  tls: {
    request: '',
    up: 'a handshake, with a certificate as the `tls` directives want it',
    probe: lazily(async () => (await import('./tls.js')).probeTls),
  },
};

export interface ServiceRow {
  /** Those for which the rest of the row holds. */
  readonly names: readonly ServiceName[];
  readonly request: string;
  readonly up: string;
}

/** For manual and README: one row for services that are asked alike. */
export function serviceRows(): readonly ServiceRow[] {
  const rows: (ServiceRow & { names: ServiceName[] })[] = [];
  for (const [name, { request, up }] of Object.entries(services) as [ServiceName, Service][]) {
    const alike = rows.find((other) => other.request === request && other.up === up);
    if (alike === undefined) rows.push({ names: [name], request, up });
    else alike.names.push(name);
  }
  return rows;
}
