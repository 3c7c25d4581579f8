/** Why a probe failed, as people read it: the phase that it was in, and the cause. */

import type { ProbeAnswer } from './probe.js';

export type Phase =
  | 'request'
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'key exchange'
  | 'starttls'
  | 'login'
  | 'query'
  | 'response headers'
  | 'response'
  | 'response body'
  | 'receive'
  | 'ping'
  | 'command';

/** Ends a probe with a reason; the message is that reason. Anything else that a probe throws is its own defect. */
export class ProbeFailure extends Error {
  readonly phase: Phase;
  readonly what: string;

  constructor(phase: Phase, what: string) {
    super(`${phase}: ${what}`);
    this.name = 'ProbeFailure';
    this.phase = phase;
    this.what = what;
  }

  /** The same, with what the server said before: `connect: refused (ECONNREFUSED), after status 301 to …`. */
  after(event: string): ProbeFailure {
    return event === '' ? this : this.saying(`${this.what}, after ${event}`);
  }

  protected saying(what: string): ProbeFailure {
    return new ProbeFailure(this.phase, what);
  }
}

/** What failed is on this machine, so that it says nothing about the server: the check has no verdict. */
export class Hindrance extends ProbeFailure {
  protected override saying(what: string): ProbeFailure {
    return new Hindrance(this.phase, what);
  }
}

/** A failure of a probe with what came before it; anything else as it is. */
export function afterwards(error: unknown, event: string): unknown {
  return error instanceof ProbeFailure ? error.after(event) : error;
}

/** What an AbortSignal carries when the time for a check is over. */
export class DeadlineExceeded extends Error {
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`not done within ${milliseconds / 1000} s`);
    this.name = 'DeadlineExceeded';
    this.milliseconds = milliseconds;
  }
}

/** Runs the body of a probe, which returns the reason of a success and throws a ProbeFailure otherwise. */
export async function answer(probe: () => Promise<string>): Promise<ProbeAnswer> {
  try {
    return { ok: true, reason: await probe() };
  } catch (error) {
    if (error instanceof ProbeFailure) return answerOf(error);
    throw error;
  }
}

export function answerOf(failure: ProbeFailure): ProbeAnswer {
  return { ok: failure instanceof Hindrance ? null : false, reason: failure.message };
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  // Node gives this code also to a server that closes in the middle of a TLS handshake.
  ECONNRESET: 'reset or closed by the server',
  EPIPE: 'closed by the server',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  EHOSTDOWN: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENETDOWN: 'the network is down',
  // Of connect(2): a route that is a blackhole, or an address that is none of a machine.
  EINVAL: 'no way leads to this address: see `ip route get`',
  ECONNABORTED: 'ended on this machine',
  ENOBUFS: 'this machine has no memory left for sockets',
  ENOMEM: 'this machine has no memory left',
  EADDRNOTAVAIL: 'no local address or port is free to connect from',
  // A local packet filter answers so.
  EPERM: 'forbidden on this machine',
  EMFILE: 'this process has no file descriptor left',
  ENFILE: 'this machine has no file descriptor left',
  EAGAIN: 'this machine has no process or port left',
  ETXTBSY: 'somebody is writing it',
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server wants a client certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the server refuses the client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the server does not know the authority of the client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the server refuses the client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the server refuses the client certificate, which has expired',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the server refuses the handshake',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the server refuses this version of TLS',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'the server does not know the name that it is asked for',
  ERR_HTTP2_ERROR: 'not HTTP/2',
  ERR_HTTP2_STREAM_ERROR: 'the server gives the request up',
  ERR_HTTP2_STREAM_CANCEL: 'closed by the server',
  ERR_HTTP2_SESSION_ERROR: 'closed by the server with an error of HTTP/2',
  ERR_HTTP2_GOAWAY_SESSION: 'closed by the server',
  ERR_HTTP2_TOO_MANY_INVALID_FRAMES: 'not HTTP/2',
  ERR_HTTP2_INVALID_CONNECTION_HEADERS: 'not valid in HTTP',
  ERR_INVALID_CHAR: 'not valid in HTTP',
  HPE_HEADER_OVERFLOW: 'too large',
};

/** What this machine is short of, or forbids itself. That a way to the server is missing is a verdict. */
const hindrances: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EAGAIN',
  'EADDRNOTAVAIL',
  'EPERM',
  'ENETDOWN',
  'ETXTBSY',
]);

/** Causes by how a code begins, where the rest is detail. */
const families: readonly (readonly [string, string])[] = [
  ['ERR_SSL_', 'handshake failed'],
  ['HPE_', 'not HTTP'],
  ['WS_ERR_', 'not WebSocket'],
];

/**
 * The cause of an error of net, tls, http, child_process or ws. Its code decides; the texts of those libraries
 * change between versions.
 */
export function causeOf(error: unknown): string {
  if (error instanceof DeadlineExceeded) {
    return error.message;
  }
  const code = codeOf(error);
  if (code === null) {
    return error instanceof Error ? `${error.name}: ${printable(error.message)}` : 'unknown';
  }
  const cause = causes[code] ?? families.find(([start]) => code.startsWith(start))?.[1] ?? 'failed';
  return `${cause} (${code})`;
}

/** Whether the peer has broken the connection, and not the way to it. */
export function isReset(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** A failure by a system error, with what it was about; a hindrance where this machine is at fault. */
export function failureBy(phase: Phase, error: unknown, object = ''): ProbeFailure {
  const cause = causeOf(error);
  const what = object === '' ? cause : `${printable(object)}: ${cause}`;
  return hindrances.has(codeOf(error) ?? '') ? new Hindrance(phase, what) : new ProbeFailure(phase, what);
}

/** An error by nothing but its code. */
export function errorOf(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A failure by an error of a library or a ProbeFailure, or by the deadline where that is what caused the error. */
export function failureOf(phase: Phase, error: unknown, signal: AbortSignal): ProbeFailure {
  if (!signal.aborted) {
    if (error instanceof ProbeFailure) return error;
    // In TLS 1.3 a server judges the client's certificate when the client is through with the handshake.
    const alert = codeOf(error)?.startsWith('ERR_SSL_') === true;
    return failureBy(alert ? 'tls' : phase, error);
  }
  const reason: unknown = signal.reason;
  if (phase === 'connect' && reason instanceof DeadlineExceeded) {
    return new ProbeFailure(phase, `no answer within ${reason.milliseconds / 1000} s`);
  }
  return new ProbeFailure(phase, reason instanceof DeadlineExceeded ? reason.message : 'abandoned');
}

const printableLength = 200;

/** Text of others made fit for a line of a log: nothing that steers, turns around or hides, and not long. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  if (line.length <= printableLength) return line;
  // Not within a character of two halves.
  return `${line.slice(0, printableLength).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The same, without what must not come back: some servers repeat what they get. */
export function concealSecrets(text: string, secrets: readonly string[]): string {
  const wanted = secrets.filter((secret) => secret !== '');
  return printable(wanted.reduce((rest, secret) => rest.replaceAll(secret, '***'), text));
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
