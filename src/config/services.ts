/** Every service that a negotiate check speaks: one row each, with all that is known of it but its probe. */

/** When TLS begins: never, with the first byte, at the protocol's own command, or where the server offers it. */
export const tlsModes = ['no', 'yes', 'starttls', 'prefer'] as const;
export type TlsMode = (typeof tlsModes)[number];

export interface NeededPackage {
  readonly name: string;
  /** Whether it is installed with this program. */
  readonly included: boolean;
}

export interface Service {
  /** What `request` means; empty where nothing is made of it. */
  readonly request: string;
  /** What a server has done that is up. A sentence without its end; `receive` must match what it names last. */
  readonly up: string;
  /** The directives that its checks read, beside those about TLS, about the socket and about time. */
  readonly reads: readonly string[];
  /** Whether the reference does not know it. */
  readonly extension: boolean;
  /** Where the file names none; null where that is the virtual service's. */
  readonly port: number | null;
  /** What it is asked over: `either` is the protocol of the virtual service. */
  readonly transport: 'tcp' | 'udp' | 'either';
  /** The protocol of a virtual service of this port that sets none. */
  readonly protocol: 'tcp' | 'udp';
  /** As `tls` may say, the default first. */
  readonly tls: readonly TlsMode[];
  /** What it is called over TLS, where that is a service of its own. */
  readonly secured: string | null;
  /** A site can be asked over HTTP/2, and redirect to itself; a proxy cannot. Null for what speaks no HTTP. */
  readonly http: 'site' | 'proxy' | null;
  /** Whether it is a database, whose request is a statement of a user, and whose answer counts by its rows. */
  readonly statement: boolean;
  /** Who opens the sockets of its checks: this program, without a mark where they are `unmarked`, or a library. */
  readonly sockets: 'ours' | 'unmarked' | 'library';
  /** Of npm, without which it cannot be asked. */
  readonly package: NeededPackage | null;
  /** Of a check in clear. Over TLS most of the cost is that. */
  readonly cost: 'simple' | 'dialogue';
  /** Whether it is asked at all. */
  readonly asked: boolean;
}

const usual = {
  extension: false,
  port: null,
  transport: 'tcp',
  protocol: 'tcp',
  tls: ['no'],
  secured: null,
  http: null,
  statement: false,
  sockets: 'ours',
  package: null,
  cost: 'dialogue',
  asked: true,
} as const satisfies Partial<Service>;

type Own = Omit<Service, keyof typeof usual> & Partial<Service>;

/** With what is usual for all that the row does not say. The words of `reads` stay known to the compiler. */
function row<const R extends readonly string[]>(own: Own & { readonly reads: R }): Service & { readonly reads: R } {
  return { ...usual, ...own };
}

/** Those that are called alike and differ in when TLS begins, or in their port. */
const http = {
  request: 'the path; for a proxy a whole address',
  up: 'a status that is expected, and the body, headers or status line match',
  reads: [
    'request',
    'receive',
    'httpmethod',
    'virtualhost',
    'login',
    'passwd',
    'expectstatus',
    'requestheader',
    'httpauth',
    'receivein',
    'bodylimit',
    'httpversion',
    'followredirects',
    'keepalive',
  ],
} as const;
const smtp = {
  request: '',
  up:
    'it greets with 220 and takes EHLO or HELO, and where these are set STARTTLS and a login (PLAIN, LOGIN or ' +
    'CRAM-MD5)',
  reads: ['login', 'passwd'],
} as const;
const imap = {
  request: '',
  up: 'it answers CAPABILITY with OK or, with `login` and unless it greets with PREAUTH, lets that user in',
  reads: ['login', 'passwd'],
} as const;
const pop = {
  request: '',
  up: 'it answers CAPA, or else QUIT, if only with an error, or, with `login`, lets that user in',
  reads: ['login', 'passwd'],
} as const;
const ldap = {
  request: 'the entry, the root without one',
  up: 'it lets `login` bind and shows the entry; its name or one of its values matches',
  reads: ['request', 'receive', 'login', 'passwd'],
  package: { name: 'ldapts', included: true },
} as const;
/** What the three databases have in common. */
const database = {
  request: 'a statement',
  reads: ['request', 'login', 'passwd', 'database'],
  statement: true,
} as const;
const foundRow = '`login` gets into `database`, and the statement finds or changes a row';

/** By what TLS they can be asked with. */
const onRequest = { tls: ['no', 'yes'] } as const;
const byCommand = { tls: ['no', 'yes', 'starttls'] } as const;
const always = { tls: ['yes'] } as const;

/** In the order in which messages list them: the reference's, then the extensions. */
const rows = {
  dns: row({
    port: 53,
    transport: 'either',
    protocol: 'udp',
    request: 'the name, or an address; a name without a dot is looked for in the domains of resolv.conf(5) first',
    up:
      'it answers with a record of `dnstype`, no alias alone; one of these matches, as a zone file writes its data, but ' +
      'texts without quotes and names without the dot at their end',
    reads: ['request', 'receive', 'dnstype'],
    package: { name: 'dns-packet', included: true },
  }),
  ftp: row({
    ...byCommand,
    port: 21,
    request: 'a file',
    up:
      'it lets `login` in and gives the file, whose first 512 KiB match; without login, request and receive a server ' +
      'that takes no anonymous users, or none without TLS, is up too',
    reads: ['request', 'receive', 'login', 'passwd'],
  }),
  http: row({ ...http, port: 80, secured: 'https', http: 'site', cost: 'simple' }),
  https: row({ ...http, ...always, port: 443, http: 'site' }),
  http_proxy: row({ ...http, port: 3128, http: 'proxy', cost: 'simple' }),
  imap: row({ ...imap, ...byCommand, port: 143 }),
  imaps: row({ ...imap, ...always, port: 993 }),
  ldap: row({ ...ldap, ...byCommand, port: 389 }),
  ldaps: row({ ...ldap, ...always, port: 636 }),
  mysql: row({
    ...database,
    ...onRequest,
    port: 3306,
    up: foundRow,
    package: { name: 'mysql2', included: true },
  }),
  nntp: row({
    ...onRequest,
    port: 119,
    request: 'an extension: a command',
    up: 'it greets with 200 or 201 and, with `login`, lets that user in; the reply to the command matches',
    reads: ['request', 'receive', 'login', 'passwd'],
  }),
  none: row({ request: '', up: 'always: it is not asked', reads: [], asked: false, cost: 'simple' }),
  oracle: row({
    ...database,
    port: 1521,
    up: '`login` gets into the database whose SID is `database`, and the statement finds or changes a row',
    sockets: 'library',
    package: { name: 'oracledb', included: false },
  }),
  pgsql: row({
    ...database,
    port: 5432,
    tls: ['prefer', 'no', 'yes'],
    up: `${foundRow}; over TLS where the server offers that, or as \`tls\` says`,
    package: { name: 'pg', included: true },
  }),
  pop: row({ ...pop, ...byCommand, port: 110 }),
  pops: row({ ...pop, ...always, port: 995 }),
  radius: row({
    port: 1812,
    transport: 'udp',
    request: '',
    up: 'Access-Accept for `login` and `passwd`, proven with `secret`',
    reads: ['login', 'passwd', 'secret'],
  }),
  simpletcp: row({
    ...onRequest,
    transport: 'either',
    request: 'what is sent, `\\n` is a line end; over TCP without TLS this side of the connection is ended then',
    up: 'its answer over `protocol` matches, as a whole or in one of its lines, before the check’s time is over',
    reads: ['request', 'receive'],
  }),
  sip: row({
    ...onRequest,
    port: 5060,
    transport: 'either',
    request: '',
    up: 'status 200 to OPTIONS for `login`; a challenge is answered with `passwd` by digest',
    reads: ['login', 'passwd'],
  }),
  smtp: row({ ...smtp, ...byCommand, port: 25 }),
  submission: row({ ...smtp, ...byCommand, port: 587 }),
  ssh: row({
    extension: true,
    port: 22,
    request: 'a command for the shell, with `login`',
    up:
      'keys are agreed on or, without `login`, only algorithms offered that the check does not know; the password is ' +
      'taken, also as an answer (keyboard-interactive); the command ends with status 0; its output, or else the ' +
      'greeting, matches',
    reads: ['request', 'receive', 'login', 'passwd'],
    package: { name: 'ssh2', included: true },
  }),
  grpc: row({
    ...onRequest,
    extension: true,
    request: 'the service’s name; none is the server as a whole',
    up: 'the standard health protocol says SERVING',
    reads: ['request', 'virtualhost'],
  }),
  redis: row({
    ...onRequest,
    extension: true,
    port: 6379,
    request: 'a command, with quotes as in `redis-cli`',
    up: 'it answers PING, after AUTH with `passwd`, and the command, with no error; the last reply matches',
    reads: ['request', 'receive', 'login', 'passwd'],
  }),
  memcached: row({
    ...onRequest,
    extension: true,
    port: 11_211,
    request: 'a command',
    up:
      'it tells its version in text, to which a server with `-B binary` says nothing, after a login with `login`, and ' +
      'answers the command with no error; the last reply matches',
    reads: ['request', 'receive', 'login', 'passwd'],
  }),
  ntp: row({
    extension: true,
    port: 123,
    transport: 'udp',
    request: '',
    up: 'the server has the time: synchronized, stratum 1 to 15, less than 16 s from its sources by its own account',
    reads: [],
  }),
  tftp: row({
    extension: true,
    port: 69,
    transport: 'udp',
    request: 'a file',
    up: 'the file can be read, and matches within 64 KiB; without `receive` its first block',
    reads: ['request', 'receive'],
    sockets: 'unmarked',
  }),
  mqtt: row({
    ...onRequest,
    extension: true,
    port: 1883,
    request: '',
    up: 'the broker accepts a client, with `login` and `passwd` where set',
    reads: ['login', 'passwd'],
    package: { name: 'mqtt-packet', included: true },
  }),
  websocket: row({
    ...onRequest,
    extension: true,
    request: 'the path and, after a blank, a text to send',
    up: 'the handshake; where a text or `receive` is set, a message that matches',
    reads: ['request', 'receive', 'virtualhost', 'login', 'passwd', 'requestheader', 'httpauth'],
    package: { name: 'ws', included: true },
  }),
  udp: row({
    extension: true,
    transport: 'udp',
    request: 'what is sent, or `requesthex`',
    up:
      'an answer with `receive` and `receivehex`; where neither is set, no ICMP error within five seconds, or four ' +
      'fifths of `negotiatetimeout`',
    reads: ['request', 'receive', 'requesthex', 'receivehex'],
  }),
  tls: row({
    ...always,
    extension: true,
    request: '',
    up: 'a handshake, with a certificate as the `tls` directives want it',
    reads: [],
  }),
};

export type ServiceName = keyof typeof rows;

export const services: typeof rows = rows;
