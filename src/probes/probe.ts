/** A probe asks one server once. Everything that it needs to know is in the Check. */

import type { CheckType } from '../config/check-types.js';
import type { TlsMode } from '../config/services.js';
import type {
  DnsType,
  Header,
  HttpAuth,
  HttpPart,
  HttpVersion,
  NamedFile,
  Pattern,
  Protocol,
  StatusRange,
  Virtual,
} from '../model/config.js';

/** What a check takes from its virtual as it is. */
type Taken =
  | 'connects'
  | 'service'
  | 'family'
  | 'checkcount'
  | 'httpmethod'
  | 'virtualhost'
  | 'login'
  | 'passwd'
  | 'database'
  | 'secret';

/** Text in PEM, and a name for it that gives nothing away. */
export type Pem = Pick<NamedFile, 'text' | 'digest'>;

/** How to speak TLS. */
export interface TlsOptions {
  /** With the first byte, or at the protocol's own command. */
  readonly mode: Exclude<TlsMode, 'no'>;
  readonly verify: boolean;
  /** With `verify`, the name or address that the certificate must have, and for SNI, where it is a name; null is none. */
  readonly servername: string | null;
  /** Authorities; null is the system's. */
  readonly ca: Pem | null;
  /** What the server is shown. */
  readonly client: { readonly cert: Pem; readonly key: Pem } | null;
  /** Days for which the server's certificate must be valid still. */
  readonly minDays: number;
}

/** TLS of which nothing is judged, with any mode. */
export const unjudged: Omit<TlsOptions, 'mode'> = {
  verify: false,
  servername: null,
  ca: null,
  client: null,
  minDays: 0,
};

/** Whether nothing hangs on what the server shows, and it is shown nothing. */
export function isUnjudged({ verify, client, minDays }: TlsOptions): boolean {
  return !verify && client === null && minDays === 0;
}

/** What the sockets of a check are given before they are used. */
export interface Route {
  /** The mark of their packets (SO_MARK of socket(7)); null is none. */
  readonly mark: number | null;
  /** The address that they come from, in the family of the server's; null is the kernel's choice. */
  readonly source: string | null;
  /**
   * Who gets what is sent to the address of a virtual service with this mark. Without a source they come from the address
   * that this machine has on the way there: to one of its own it would send from that one, and the server has it too.
   */
  readonly towards: string | null;
}

export interface HttpOptions {
  readonly statuses: readonly StatusRange[];
  readonly headers: readonly Header[];
  readonly auth: HttpAuth;
  readonly receiveIn: HttpPart;
  /** Bytes of a body that are read. */
  readonly bodyLimit: number;
  readonly version: HttpVersion;
  readonly followRedirects: boolean;
  readonly keepAlive: boolean;
  /** Where clients reach the service, whose redirects to itself name this port or none; null where no one is known. */
  readonly publicPort: number | null;
}

/** A further check of a server: what differs from the ordinary one. */
export interface Further
  extends Readonly<Pick<Check, 'service' | 'protocol' | 'request' | 'receive' | 'tls' | 'http' | 'hex'>> {
  readonly type: 'connect' | 'ping' | 'negotiate';
  /** Null is the port of the ordinary one. */
  readonly port: number | null;
}

/** What asks feedback agents: their answers say how much traffic a server is to get, and decide nothing about its health. */
export type AgentQuestion = 'agent-tcp' | 'agent-http';

/** What to ask of whom. Plain data, so that it can travel to a worker thread. */
export interface Check extends Readonly<Pick<Virtual, Taken>> {
  readonly type: Exclude<CheckType, 'on' | 'off'> | AgentQuestion;
  readonly protocol: Protocol;
  /** Address and port to ask: the check port where the file names one. */
  readonly address: string;
  readonly port: number;
  readonly route: Route;
  /** Milliseconds from one start to the next. */
  readonly interval: number;
  /** The same while the server is between up and down, and while it is down; null where that is as ever. */
  readonly paces: { readonly fast: number; readonly down: number } | null;
  /** Milliseconds for connect, external and ping checks. */
  readonly checkTimeout: number;
  /** Milliseconds for negotiate checks. */
  readonly negotiateTimeout: number;
  /** The real server's own, or the virtual's. */
  readonly request: string;
  readonly receive: Pattern | null;
  /** Null where TLS is not spoken. */
  readonly tls: TlsOptions | null;
  readonly http: HttpOptions;
  /** What reasons must not repeat. */
  readonly secrets: readonly string[];
  readonly dnsType: DnsType | null;
  /** Bytes in lower-case hex for UDP checks; empty where nothing is sent, or nothing expected. */
  readonly hex: { readonly request: string; readonly receive: string };
  /** For external checks: the program, and virtual address or mark, virtual port, real address, real port. */
  readonly command: string;
  readonly args: readonly string[];
  /** What must pass, too, in this order; null where that is nothing. */
  readonly further: readonly Further[] | null;
}

/**
 * Whether the server works. Null is no verdict: this machine or this program kept the server from being asked, which
 * says nothing about it.
 */
export type Verdict = boolean | null;

/** What came of it. A reason names the phase and the cause: `connect: refused (ECONNREFUSED)`. */
export interface ProbeAnswer {
  readonly ok: Verdict;
  readonly reason: string;
}

export interface ProbeResult extends ProbeAnswer {
  /** Milliseconds. */
  readonly duration: number;
}

/** A result with what it is in the course of its check: what health judges. */
export interface Judged extends ProbeAnswer {
  /** Results in a row that agree, this one included: successes above 0, failures below; 0 where there was none yet. */
  readonly streak: number;
}

/** A result as it is carried from its probe to health, whole. */
export interface CheckResult extends ProbeResult, Judged {}

export function isAgentQuestion(type: Check['type']): type is AgentQuestion {
  return type === 'agent-tcp' || type === 'agent-http';
}

/** Who waits for the end of a probe, which is told once, by one of these; neither throws. */
export interface Ending {
  settle(answer: ProbeAnswer): void;
  /** The probe itself is wrong. */
  broken(error: unknown): void;
}

/** Asks once, as a Probe does, and tells the end without a promise. It can throw where a Probe rejects. */
export type Begin = (check: Check, signal: AbortSignal, ending: Ending) => void;

/**
 * Asks once. Settles soon after the signal aborts, at the latest; by then its sockets, timers and child
 * processes are gone. It rejects only where the probe itself is wrong. `begin` is the same without a promise, where there
 * is that: of what is asked thousands of times a second, promises take a good part of the time.
 */
export interface Probe {
  (check: Check, signal: AbortSignal): Promise<ProbeAnswer>;
  readonly begin?: Begin | undefined;
}

export function probeBy(begin: Begin): Probe {
  const probe = (check: Check, signal: AbortSignal): Promise<ProbeAnswer> =>
    new Promise((settle, broken) => begin(check, signal, { settle, broken }));
  return Object.assign(probe, { begin });
}
