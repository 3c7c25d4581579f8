/** What etcd, its JSON gateway and the way to them can say, and what it means to who asked. */

import type { Fault, FaultKind } from '../store.js';

/** Codes of our own, in one place: the manual has them. */
export type Code =
  | 'timed-out'
  | 'aborted'
  | 'too-large'
  | 'malformed'
  | 'no-gateway'
  | 'common-name'
  | 'login-failed'
  | 'token-invalid'
  | 'user-missing'
  | 'watch-ended'
  | 'permission-denied'
  | 'no-space'
  | 'compacted'
  | 'another-past'
  | 'lease-not-found'
  | 'condition'
  | 'busy'
  | 'credentials';

/** Statuses of gRPC (grpc/grpc, doc/statuscodes.md). */
const statuses = [
  'ok',
  'canceled',
  'unknown',
  'invalid-argument',
  'deadline-exceeded',
  'not-found',
  'already-exists',
  'permission-denied',
  'resource-exhausted',
  'failed-precondition',
  'aborted',
  'out-of-range',
  'unimplemented',
  'internal',
  'unavailable',
  'data-loss',
  'unauthenticated',
] as const;

/** Of these another endpoint, or the same one later, can know better. */
const passing: ReadonlySet<string> = new Set([
  'canceled',
  'unknown',
  'deadline-exceeded',
  'aborted',
  'internal',
  'unavailable',
  'data-loss',
]);

interface Meaning {
  readonly kind: FaultKind;
  readonly code: Code;
  readonly remedy: string;
}

/** What etcd calls its errors (api/v3rpc/rpctypes/error.go), less the `etcdserver: ` before it. */
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /database space exceeded/,
    {
      kind: 'refused',
      code: 'no-space',
      remedy: 'its space is used up: compact, defragment, then `etcdctl alarm disarm`',
    },
  ],
  [/revision has been compacted/, { kind: 'compacted', code: 'compacted', remedy: 'what is there is read whole' }],
  [/lease not found/, { kind: 'lease-lost', code: 'lease-not-found', remedy: 'another one is asked for' }],
  [
    /permission denied/,
    { kind: 'refused', code: 'permission-denied', remedy: 'the role of the user lacks readwrite for the prefix' },
  ],
  [
    /user name is empty/,
    { kind: 'refused', code: 'user-missing', remedy: 'etcd asks for a user: set user and passwordfile in [store]' },
  ],
  [
    /authentication failed|user name not found/,
    { kind: 'refused', code: 'login-failed', remedy: 'correct user in [store], or the password in passwordfile' },
  ],
  [
    /invalid auth token|revision of auth store is old|revision in header is old/,
    { kind: 'refused', code: 'token-invalid', remedy: 'it is logged in anew' },
  ],
  [
    /request is too large/,
    { kind: 'refused', code: 'too-large', remedy: 'etcd takes 1.5 MiB at once (--max-request-bytes)' },
  ],
];

/** A user without users: `auth enable` has not been said. Whoever it was, may do everything. */
export function isWithoutUsers(message: string): boolean {
  return /authentication is not enabled/.test(message);
}

export function faultOf(endpoint: string, kind: FaultKind, code: string, message: string): Fault {
  return { kind, code, message: `${endpoint}: ${message}`, endpoint };
}

/** What an answer that is an error says. Its text is somebody else's, and shown as one line. */
export function statusFault(endpoint: string, status: number, said: string): Fault {
  const message = said
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, longestMessage);
  const found = meanings.find(([pattern]) => pattern.test(message))?.[1];
  if (found) return faultOf(endpoint, found.kind, found.code, `${message}; ${found.remedy}`);
  const code = statuses[status] ?? `status-${status}`;
  return faultOf(endpoint, passing.has(code) ? 'away' : 'refused', code, message);
}

/** Characters. */
const longestMessage = 300;

/** Where no gateway answers: by the status of HTTP. */
export function httpFault(endpoint: string, status: number, body: string): Fault {
  if (/CommonName of client/.test(body)) {
    const what = 'etcd takes no user from a client certificate here, and none with a common name while it has users';
    return faultOf(endpoint, 'refused', 'common-name', `${what}: have certfile issued without one`);
  }
  if (status === 404) {
    const what = 'no JSON gateway answers: start etcd with --enable-grpc-gateway, and name its client URL';
    return faultOf(endpoint, 'refused', 'no-gateway', what);
  }
  const kind = status >= 500 ? 'away' : 'refused';
  return faultOf(endpoint, kind, `http-${status}`, `answered with status ${status} of HTTP`);
}

/** What a machine that is not reached comes to, and what TLS says. */
export function wayFault(endpoint: string, error: unknown): Fault {
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown };
  const known = typeof code === 'string' ? code : 'EIO';
  // Several addresses of one name: the first one says what all said.
  if (error instanceof AggregateError && known === 'EIO') return wayFault(endpoint, error.errors[0]);
  if (known.startsWith('UND_ERR') && cause instanceof Error) return wayFault(endpoint, cause);
  const isSecret = known === 'UND_ERR_SOCKET' && endpoint.startsWith('https:');
  const words = isSecret
    ? unsaid
    : (wayWords[known] ?? (distrust.test(known) ? `its certificate is not accepted` : null));
  const text = words ?? (typeof message === 'string' ? message : 'it failed').split('\n', 1)[0] ?? '';
  return faultOf(endpoint, 'away', known, text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longestMessage));
}

/** TLS 1.3 has a client done before the server has looked at its certificate. */
const unsaid =
  'it closed the connection without an answer: does it want a client certificate, or another one (certfile)?';

const distrust = /CERT|SIGNED|ISSUER|INVALID_CA|INVALID_PURPOSE/;

const wayWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: does etcd run?',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'it closed the connection without an answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the deadline',
  ENOTFOUND: 'the name has no address',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'no way to it',
  ENETUNREACH: 'no way to its network',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is from an authority that cafile does not have',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is from an authority that cafile does not have',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is from an authority that cafile does not have',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself alone: name it as cafile if it is the right one',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name than that of the endpoint',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a client certificate: set certfile and keyfile in [store]',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it does not take our client certificate: is certfile from its authority?',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not know the authority of certfile',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS: is it http://?',
};
