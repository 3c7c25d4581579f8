/** Asking a daemon over its control socket. */

import { createConnection, type Socket } from 'node:net';
import { type ControlAnswer, requestLine } from './protocol.js';

export interface AskOptions {
  /** Milliseconds without an answer until it is given up; null waits for ever. */
  readonly patience?: number | null;
  /** Ends the connection: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** A daemon answered that it did not do what was asked; or it could not be asked. */
export class AskError extends Error {
  /** An ErrorCode of the protocol; `unreachable` where nobody listens, `forbidden`, or `broken` off half way. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const defaultPatience = 60_000;
const connectDeadline = 5_000;
/** Characters of an answer; a virtual service of a hundred thousand servers is shorter. */
const longestAnswer = 128 * 1024 * 1024;

/** The data of each answer as it comes. Throws an AskError. Whoever stops reading ends the connection. */
export async function* ask(
  path: string,
  verb: string,
  given: Readonly<Record<string, unknown>> = {},
  { patience = defaultPatience, signal }: AskOptions = {},
): AsyncGenerator<unknown> {
  const socket = createConnection(path);
  const giveUp = (): void => void socket.destroy(new AskError('broken', 'given up'));
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();
  try {
    await connected(socket, path);
    socket.write(requestLine(1, verb, given));
    for await (const line of lines(socket, patience)) {
      const { last, data, error } = JSON.parse(line) as ControlAnswer;
      if (error) throw new AskError(error.code, error.message);
      if (data !== undefined) yield data;
      if (last) return;
    }
    throw new AskError('broken', 'the daemon ended the connection before its last answer');
  } finally {
    signal?.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}

/** The one answer to a request that has one. */
export async function askOnce(
  path: string,
  verb: string,
  given: Readonly<Record<string, unknown>> = {},
  options: AskOptions = {},
): Promise<unknown> {
  let answer: unknown;
  for await (const data of ask(path, verb, given, options)) answer ??= data;
  return answer;
}

/** Rejects with an AskError. */
async function connected(socket: Socket, path: string): Promise<void> {
  const late = setTimeout(() => socket.destroy(new Error('nobody accepts the connection')), connectDeadline);
  try {
    // The listener for errors stays: none may come when nobody waits for it.
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('error', reject));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new AskError('forbidden', `${path}: permission denied: be root, or of the group that controlgroup names`);
    }
    const reason =
      code === 'ENOENT' || code === 'ECONNREFUSED'
        ? `nobody listens (${code}): start ldirectord, or take control = no out of its settings file`
        : message;
    throw new AskError('unreachable', `${path}: ${reason}`);
  } finally {
    clearTimeout(late);
  }
}

async function* lines(socket: Socket, patience: number | null): AsyncGenerator<string> {
  if (patience !== null) {
    socket.setTimeout(patience, () => {
      socket.destroy(new AskError('broken', `the daemon did not answer within ${patience / 1000} s`));
    });
  }
  let parts: string[] = [];
  let length = 0;
  try {
    for await (const chunk of socket.setEncoding('utf8')) {
      const pieces = (chunk as string).split('\n');
      const rest = pieces.pop() ?? '';
      for (const piece of pieces) {
        yield parts.join('') + piece;
        parts = [];
        length = 0;
      }
      parts.push(rest);
      length += rest.length;
      if (length > longestAnswer) throw new AskError('broken', 'an answer without an end');
    }
  } catch (error) {
    if (error instanceof AskError) throw error;
    throw new AskError('broken', `the connection broke: ${(error as Error).message}`);
  }
}
