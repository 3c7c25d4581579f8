/** Answers as values, and how they are sent. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Gzip } from 'node:zlib';
import type { Flow } from './flow.js';
import { alwaysSent } from './headers.js';
import type { ProblemCode } from './shapes.js';
import type { Client } from './turnstile.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Buffer[];
}

/** An answer that goes on for as long as the client stays. */
export interface Stream {
  readonly headers: Readonly<Record<string, string>>;
  /** Takes the response over, once its headers are sent. */
  readonly begin: (response: ServerResponse, client: Client) => void;
}

/** Milliseconds for an answer to be taken off, however slowly it is read. */
const sendDeadline = 30_000;

/** What changes from moment to moment. */
const fleeting = { 'Cache-Control': 'no-store' } as const;

export function text(status: number, words: string): HttpAnswer {
  const headers = { ...fleeting, 'Content-Type': 'text/plain; charset=utf-8' };
  return { status, headers, body: [Buffer.from(`${words}\n`)] };
}

export function json(value: unknown, status = 200): HttpAnswer {
  return bytes('application/json', [Buffer.from(JSON.stringify(value))], status);
}

/** A body that was made in portions, and that several answers may share. */
export function bytes(type: string, body: readonly Buffer[], status = 200): HttpAnswer {
  return { status, headers: { ...fleeting, 'Content-Type': type }, body };
}

/** Why a request is not met, as RFC 9457 has it; `code` is for programs that can do something about it. */
export function problem(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  code: ProblemCode | null = null,
): HttpAnswer {
  const answer = bytes('application/problem+json', [Buffer.from(JSON.stringify({ status, detail, code }))], status);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function size({ body }: HttpAnswer): number {
  return body.reduce((sum, { length }) => sum + length, 0);
}

/** Settles when the answer is sent or its connection is gone. Never rejects. */
export async function send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): Promise<void> {
  if (response.destroyed) return;
  const deadline = setTimeout(() => response.destroy(), sendDeadline);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    response.writeHead(answer.status, { ...alwaysSent, ...answer.headers, 'Content-Length': size(answer) });
    for (const portion of request.method === 'HEAD' ? [] : answer.body) {
      if (gone.signal.aborted) return;
      // Only what the client takes off is handed to its socket.
      if (!response.write(portion)) await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
    if (!response.writableFinished) await once(response, 'finish', { signal: gone.signal });
  } catch {
    response.destroy();
  } finally {
    clearTimeout(deadline);
  }
}

/** Milliseconds in which a reader has to take something off, and all of it. */
const flowDeadlines = { next: 10_000, all: 120_000 } as const;

/** As `send`, of what is made while it is taken off; what cannot be made to its end breaks off, so that nobody takes it for whole. */
export async function flow(
  request: IncomingMessage,
  response: ServerResponse,
  { headers, parts }: Flow,
  gzip: Gzip | null,
): Promise<void> {
  if (response.destroyed) return;
  const common = { ...alwaysSent, ...headers, Vary: 'Accept-Encoding' };
  response.writeHead(200, gzip === null ? common : { ...common, 'Content-Encoding': 'gzip' });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const late = (): void => void response.destroy();
  const whole = setTimeout(late, flowDeadlines.all);
  let next = setTimeout(late, flowDeadlines.next);
  const watched = async function* (): AsyncGenerator<Buffer> {
    for await (const part of parts()) {
      clearTimeout(next);
      next = setTimeout(late, flowDeadlines.next);
      yield part;
    }
  };
  try {
    if (gzip === null) await pipeline(watched, response);
    else await pipeline(watched, gzip, response);
  } catch {
    response.destroy();
  } finally {
    clearTimeout(whole);
    clearTimeout(next);
  }
}

export function stream(response: ServerResponse, { headers, begin }: Stream, client: Client): void {
  if (response.destroyed) return;
  response.writeHead(200, { ...alwaysSent, ...fleeting, ...headers });
  const leave = (): void => void response.destroy();
  // Nobody waits for a reader that has closed its side to end by itself.
  if (client.left.aborted) leave();
  client.left.addEventListener('abort', leave, { once: true });
  begin(response, client);
}
