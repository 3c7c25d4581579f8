/**
 * The configuration as understood: plain immutable values with every default and every global that a
 * virtual inherits already filled in. Property names are the directives' own. Times are in seconds, as
 * in the file.
 */

import type { CheckType } from './check-types.js';
import type { ServiceName, TlsMode } from './services.js';

export type Family = 'inet' | 'inet6';
export type Forwarding = 'gate' | 'masq' | 'ipip';
export type Protocol = 'tcp' | 'udp' | 'fwm';
export type HttpMethod = 'GET' | 'HEAD';

export const dnsTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;
export type DnsType = (typeof dnsTypes)[number];

/** A place in the file; line and column count from 1, `length` in characters. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** An address or a name, without brackets. A literal address has `address` from the start. */
export interface Host {
  readonly name: string;
  /** Canonical text form; null until the name resolves. */
  readonly address: string | null;
  /** Why the name has no address. */
  readonly unresolved?: string;
}

/** A regular expression: as written in the file, and as JavaScript runs it. */
export interface Pattern {
  readonly source: string;
  readonly regex: RegExp;
}

/** A file that a directive names. Its contents never reach any output. */
export interface NamedFile {
  readonly path: string;
  /** Empty until it has been read. */
  readonly text: string;
  readonly span: Span;
  /** SHA-256 of the text in hex, so that contents are compared without being shown. */
  readonly digest: string;
}

/** Status codes that count as success, both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export interface Header {
  readonly name: string;
  /** Can be a secret. */
  readonly value: string;
}

/** A server that can stand in the table: a real server or a fallback. */
export interface Server {
  readonly host: Host;
  readonly port: number;
  readonly forward: Forwarding;
  readonly weight: number;
  /** Connection thresholds of ipvsadm's -x and -y; 0 is none. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
}

export interface RealServer extends Server {
  readonly span: Span;
  /** The end of a range between names, which can be expanded only once both have resolved. */
  readonly through?: Host;
  /** Instead of the virtual's. */
  readonly request?: string;
  readonly receive?: Pattern;
}

/** What a virtual service listens to: an address and port, or a firewall mark. */
export type Endpoint =
  | { readonly protocol: 'tcp' | 'udp'; readonly host: Host; readonly port: number }
  | { readonly protocol: 'fwm'; readonly mark: number };

/** Settings that a virtual inherits from the global section unless it sets them itself. */
export interface Inherited {
  readonly checktimeout: number;
  readonly negotiatetimeout: number;
  readonly checkinterval: number;
  readonly checkcount: number;
  readonly failurecount: number;
  readonly fallbackcommand: string | null;
  readonly quiescent: boolean;
  readonly cleanstop: boolean;
  readonly smtp: string | null;
  readonly emailalert: readonly string[];
  readonly emailalertfrom: string | null;
  readonly emailalertfreq: number;
  readonly emailalertstatus: readonly AlertPhase[];
}

export type AlertPhase = 'starting' | 'running' | 'stopping' | 'reloading';

/** How TLS is spoken to real servers. */
export interface TlsSettings {
  readonly tls: TlsMode;
  readonly tlsverify: boolean;
  /** Authorities that are trusted instead of the system's. */
  readonly tlscafile: NamedFile | null;
  readonly tlsservername: string | null;
  readonly tlscertfile: NamedFile | null;
  /** Null where the key stands in the file of the certificate. */
  readonly tlskeyfile: NamedFile | null;
  /** Days for which a certificate must be valid still; 0 is not asked. */
  readonly tlsmindays: number;
}

/** What of an HTTP check the reference has no words for. */
export interface HttpSettings {
  readonly expectstatus: readonly StatusRange[];
  readonly requestheader: readonly Header[];
  readonly httpauth: 'none' | 'basic';
  /** Where `receive` is looked for. */
  readonly receivein: 'body' | 'headers' | 'status';
  /** Bytes. */
  readonly bodylimit: number;
  readonly httpversion: '1.1' | '2';
  readonly followredirects: boolean;
  readonly keepalive: boolean;
}

export interface Virtual extends Inherited, TlsSettings, HttpSettings {
  readonly span: Span;
  readonly family: Family;
  readonly endpoint: Endpoint;
  readonly realServers: readonly RealServer[];
  readonly fallback: Server | null;
  readonly checktype: CheckType;
  /** Connect checks between two negotiate checks where `checktype` is a number. */
  readonly connects: number;
  readonly service: ServiceName;
  readonly checkcommand: string;
  readonly checkport: number | null;
  /** The firewall mark of the packets of checks; null is none. */
  readonly checkmark: number | null;
  /** A literal address of this machine that checks come from; null is the kernel's choice. */
  readonly checksource: string | null;
  readonly request: string;
  readonly receive: Pattern | null;
  readonly httpmethod: HttpMethod;
  readonly virtualhost: string | null;
  readonly login: string;
  readonly passwd: string;
  readonly database: string;
  readonly secret: string;
  /** Null is by the request: A, or PTR for an address. */
  readonly dnstype: DnsType | null;
  /** Bytes in lower-case hex for UDP checks; empty where nothing is sent, or nothing expected. */
  readonly requesthex: string;
  readonly receivehex: string;
  readonly scheduler: string;
  readonly schedflags: readonly string[];
  /** Seconds that a client stays with its server; null without persistence. */
  readonly persistent: number | null;
  /**
   * What makes clients one client for persistence: the prefix length of their network, or a mask of IPv4 that has ones
   * behind zeros, as `255.0.255.0`.
   */
  readonly netmask: number | string | null;
  readonly ops: boolean;
  readonly monitorfile: string | null;
  readonly servicename: string | null;
  readonly comment: string | null;
}

export interface Global extends Inherited {
  readonly autoreload: boolean;
  readonly callback: string | null;
  readonly execute: readonly string[];
  readonly fork: boolean;
  /** A path, or the name of a syslog facility. */
  readonly logfile: string;
  readonly maintenancedir: string | null;
  readonly readdquiescent: boolean;
  readonly supervised: boolean;
  readonly fallback: Server | null;
  readonly fallback6: Server | null;
}

export interface Config {
  readonly global: Global;
  readonly virtuals: readonly Virtual[];
}
