/**
 * The configuration as understood: plain immutable values with every default and every global that a
 * virtual inherits already filled in. Property names are the directives' own. Times are in seconds, as
 * in the file.
 */

import type { CheckType } from '../config/check-types.js';
import type { Effective } from '../config/file/directive.js';
import type { virtualDirectives } from '../config/file/directives.js';
import type { httpDirectives } from '../config/file/rows/http.js';
import type { inheritedDirectives } from '../config/file/rows/inherited.js';
import type { programDirectives } from '../config/file/rows/program.js';
import type { tlsDirectives } from '../config/file/rows/tls.js';
import type { ServiceName } from '../config/services.js';

export type Family = 'inet' | 'inet6';
export type Forwarding = 'gate' | 'masq' | 'ipip';
export type Protocol = 'tcp' | 'udp' | 'fwm';
export type HttpMethod = 'GET' | 'HEAD';
export type HttpVersion = '1.1' | '2';
export type HttpAuth = 'none' | 'basic';
/** Where `receive` is looked for. */
export type HttpPart = 'body' | 'headers' | 'status';

/** How many of a virtual's servers are to stay in use: a number, or a share in percent. */
export interface Quorum {
  readonly amount: number;
  readonly unit: 'servers' | 'percent';
}

/** What becomes of a virtual that has fewer healthy servers. */
export type BelowMinimum = 'keep' | 'all' | 'fallback' | 'withdraw';

/** How long a server that falls again and again stays out: seconds after the first fall, doubled by each, at most. */
export interface Damping {
  readonly base: number;
  readonly most: number;
}

/** Whether a server that was down is used again by itself, or once somebody undrains it. */
export type Resume = 'auto' | 'manual';

/** What a real server is until its checks have decided. */
export type StartState = 'table' | 'down' | 'up';

export const dnsTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;
export type DnsType = (typeof dnsTypes)[number];

/** Which way a check goes: to the real server's own address, or to the service's as the kernel forwards it. */
export type CheckWay = 'direct' | 'forwarded';

/** What servers are told of a client, as HAProxy's proxy-protocol.txt has it. */
export type ProxyProtocol = 'none' | 'v1' | 'v2';

/** A place in the file; line and column count from 1, `length` in characters. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/**
 * A place in a section, or in the global one for what is inherited from there: `row` is the line in which it stood when
 * the section was read. `spanIn` says where it stands now.
 */
export interface SectionSpan {
  readonly row: number;
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
  readonly span: SectionSpan;
  /** SHA-256 of the text in hex, so that contents are compared without being shown. */
  readonly digest: string;
}

/** A further check, as a line of the file has it, that each real server of a virtual must pass beside the ordinary one. */
export interface Requirement {
  readonly kind: 'connect' | 'ping' | ServiceName;
  /** Null where the line has none. */
  readonly port: number | null;
  readonly request: string;
  readonly receive: Pattern | null;
  /** Of kind and port. */
  readonly span: SectionSpan;
}

/** What ports are of; a firewall mark is of both. */
export type Transport = 'tcp' | 'udp';

/** Both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What packets get the mark of a service over several ports. */
export interface Carried {
  readonly host: Host;
  readonly transports: readonly Transport[];
  /** In ascending order, with a port between each two. */
  readonly ports: readonly PortRange[];
}

/** Where a virtual's address is put while the service is ours. */
export interface VirtualPlace {
  readonly device: string;
  /** Of IPv4 alone; begins with the device's name. */
  readonly label: string | null;
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
  readonly span: SectionSpan;
  /** The end of a range between names, which can be expanded only once both have resolved. */
  readonly through?: Host;
  /** Instead of the virtual's. */
  readonly request?: string;
  readonly receive?: Pattern;
}

/** Answers while no real server of its virtual is in use. Where it is checked, that is as a real server is. */
export interface Fallback extends RealServer {
  readonly role: 'fallback';
}

/** Which of the fallbacks answer: the first that is up, or all that are. `last` leaves but the last of them. */
export type FallbackUse = 'last' | 'first' | 'all';

/** What a virtual service listens to: an address and port, or a firewall mark, which can be ours for several ports. */
export type Endpoint =
  | { readonly protocol: Transport; readonly host: Host; readonly port: number }
  | { readonly protocol: 'fwm'; readonly mark: number; readonly carries?: Carried };

export type AlertPhase = 'starting' | 'running' | 'stopping' | 'reloading';

/** Settings that a virtual inherits from the global section unless it sets them itself. */
export type Inherited = Effective<typeof inheritedDirectives>;

/** How TLS is spoken to real servers. */
export type TlsSettings = Effective<typeof tlsDirectives>;

/** What of an HTTP check the reference has no words for. */
export type HttpSettings = Effective<typeof httpDirectives>;

/** Beside what stands here, what holds of each directive of a section, under its name. */
export interface Virtual extends Effective<typeof virtualDirectives> {
  readonly span: SectionSpan;
  readonly family: Family;
  readonly endpoint: Endpoint;
  readonly realServers: readonly RealServer[];
  /** Those that can be used, the first choice first. */
  readonly fallbacks: readonly Fallback[];
  readonly checktype: CheckType;
  /** Connect checks between two negotiate checks where `checktype` is a number. */
  readonly connects: number;
  readonly service: ServiceName;
}

/** Likewise of the directives of the global section. */
export interface Global extends Inherited, Effective<typeof programDirectives> {
  readonly fallbacks: readonly Fallback[];
  readonly fallbacks6: readonly Fallback[];
}

export interface Config {
  readonly global: Global;
  readonly virtuals: readonly Virtual[];
  /** By how many lines sections stand lower than when they were read, by the spans of their virtuals; absent is none. */
  readonly moved?: ReadonlyMap<SectionSpan, number>;
}
