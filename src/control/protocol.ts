/**
 * What goes over the control socket: lines of JSON. A request is one line, `{"v":1,"id":ID,"verb":VERB,…}`; its
 * answers are lines with its id, of which the last one has `"last":true` and, where it failed, `error`.
 */

export const protocolVersion = 1;

export type RequestId = string | number | null;

export interface Request {
  /** Given back with each answer. */
  readonly id: RequestId;
  readonly verb: string;
  /** What else stands in the request; of whatever type, since others wrote it. */
  readonly given: Readonly<Record<string, unknown>>;
}

export const errorCodes = {
  'bad-request': 'the line is no request, or an argument of it is wrong',
  'bad-version': 'the request is of another version of the protocol',
  'no-such-verb': 'the verb does not exist',
  'no-such-server': 'the configuration has no such server',
  'last-server': 'a virtual service would lose the last server that serves it; with `"force":true` it does',
  'nobody-ready': 'no other director is known to be ready for clients; with `"force":true` they are sent all the same',
  refused: 'the request was understood and turned down; says why',
  failed: 'it could not be done; says why',
  'too-long': 'a request, or all that wait, are longer than allowed; the connection ends',
  'too-late': 'no request came in time; the connection ends',
  'too-slow': 'the answers were not read in time; the connection ends',
  busy: 'there are too many connections; this one ends',
  stopping: 'the daemon stops; the connection ends',
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** Why a request fails, for whoever asked. */
export class ControlError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ControlAnswer {
  readonly v: number;
  readonly id: RequestId;
  readonly last?: boolean;
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Throws a ControlError where the line is no request. */
export function parseRequest(line: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ControlError('bad-request', 'a request is a line of JSON: {"v":1,"id":1,"verb":"list"}');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ControlError('bad-request', 'a request is an object: {"v":1,"id":1,"verb":"list"}');
  }
  const { v, id = null, verb, ...given } = value as Record<string, unknown>;
  if (v !== protocolVersion) {
    throw new ControlError('bad-version', `this daemon speaks version ${protocolVersion}: "v":${protocolVersion}`);
  }
  if (typeof id !== 'string' && typeof id !== 'number' && id !== null) {
    throw new ControlError('bad-request', '"id" must be text or a number');
  }
  if (typeof verb !== 'string') throw new ControlError('bad-request', '"verb" must be text');
  return { id, verb, given };
}

export function requestLine(id: RequestId, verb: string, given: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ v: protocolVersion, id, verb, ...given })}\n`;
}

export function answerLine(id: RequestId, answer: Omit<ControlAnswer, 'v' | 'id'>): string {
  return `${JSON.stringify({ v: protocolVersion, id, ...answer })}\n`;
}
