/** The JSON gateway of one endpoint of etcd, over HTTP/1.1: what is asked, and the answer in pieces as it comes. */

import { setImmediate } from 'node:timers/promises';
import type { Pool } from 'undici';
import { type Deadline, startDeadline } from '../../../system/deadline.js';
import type { Fault, Outcome } from '../store.js';
import type { Credentials } from './credentials.js';
import { faultOf, httpFault, statusFault, wayFault } from './faults.js';
import { numberOf, part } from './names.js';
import { type Piece, Pieces, TooLarge } from './pieces.js';

/** Milliseconds for connecting, and for an answer. */
export const usualDeadline = 5_000;
/** Bytes of an answer that says why there is no other. */
const largestRefusal = 64 * 1024;
/** Bytes of one piece: a value of etcd may have 1.5 MiB as it is delivered, which base64 makes 2. */
const largestPiece = 8 * 1024 * 1024;
/** Connections to the endpoint at once; a watch has one. */
const connections = 8;
/** What has been asked and not been answered, at most. */
const mostUnderWay = 256;
/** Milliseconds of work in one go. */
const longestSlice = 4;
/** Pieces that are handed on together. */
const together = 128;

export type Part =
  | { readonly type: 'pieces'; readonly pieces: readonly Piece[] }
  | { readonly type: 'fault'; readonly fault: Fault };

export interface Question {
  readonly path: string;
  readonly body: unknown;
  /** Null is nobody's. */
  readonly token: string | null;
}

export interface Listening {
  /** Around the array whose elements are wanted one by one; 0 where nothing is. */
  readonly depth: number;
  /** How many times as long as usual the answer may take. */
  readonly patience: number;
  /** Whether the answer goes on for ever once it has begun. */
  readonly lasts: boolean;
}

const plain: Listening = { depth: 0, patience: 1, lasts: false };

/** It takes a tenth of a second in one go, and few directors have a store: so it is loaded where there is one. */
export function loadPackage(): Promise<typeof import('undici')> {
  return import('undici');
}

export class Gateway {
  readonly endpoint: string;
  readonly #pool: Pool;
  readonly #deadline: number;
  #underWay = 0;

  private constructor(endpoint: string, pool: Pool, deadline: number) {
    this.endpoint = endpoint;
    this.#pool = pool;
    this.#deadline = deadline;
  }

  static async open(endpoint: string, { ca, client }: Credentials, deadline: number): Promise<Outcome<Gateway>> {
    try {
      const { Pool } = await loadPackage();
      const pool = new Pool(endpoint, {
        connections,
        pipelining: 1,
        // A connection is there for the next look: with TLS, another one is work on both sides.
        keepAliveTimeout: 60_000,
        // The deadlines are ours.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: {
          timeout: deadline,
          // What stands between may forget a connection on which nothing is said.
          keepAlive: true,
          keepAliveInitialDelay: 10_000,
          ...(ca !== null && { ca }),
          ...client,
        },
      });
      return { ok: true, value: new Gateway(endpoint, pool, deadline) };
    } catch (error) {
      return { ok: false, fault: { ...wayFault(endpoint, error), kind: 'refused' } };
    }
  }

  /** Asks for something small. */
  async ask(question: Question, signal: AbortSignal): Promise<Outcome<unknown>> {
    let value: unknown;
    for await (const part of this.listen(question, plain, signal)) {
      if (part.type === 'fault') return { ok: false, fault: part.fault };
      for (const { text } of part.pieces) {
        const parsed = this.parse(text);
        if (!parsed.ok) return parsed;
        value = parsed.value;
      }
    }
    const refusal = this.refusalIn(value);
    if (refusal !== null) return { ok: false, fault: refusal };
    // Whatever etcd says has a head.
    return (part(value, 'header') ?? part(value, 'result', 'header')) === undefined
      ? { ok: false, fault: this.malformed() }
      : { ok: true, value };
  }

  /** Asks, and gives the answer as it comes, no faster than it is taken off; at last why it is none, if so. */
  async *listen(question: Question, how: Listening, signal: AbortSignal): AsyncGenerator<Part, void> {
    if (this.#underWay >= mostUnderWay) {
      const message = `${mostUnderWay} questions wait for their answers already`;
      yield { type: 'fault', fault: faultOf(this.endpoint, 'refused', 'busy', message) };
      return;
    }
    this.#underWay += 1;
    const deadline = startDeadline({ deadline: this.#deadline * how.patience, signal });
    try {
      yield* this.#exchange(question, how, deadline);
    } catch (error) {
      yield { type: 'fault', fault: this.#faultOf(error, deadline) };
    } finally {
      this.#underWay -= 1;
      deadline.release();
    }
  }

  async *#exchange({ path, body, token }: Question, how: Listening, deadline: Deadline): AsyncGenerator<Part, void> {
    const response = await this.#pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: token }) },
      body: JSON.stringify(body),
      signal: deadline.signal,
    });
    // Whoever gives up amid it leaves nobody to hear of its end.
    response.body.on('error', () => {});
    if (response.statusCode !== 200) {
      yield { type: 'fault', fault: await this.#refusal(response.statusCode, response.body) };
      return;
    }
    if (how.lasts) deadline.lift();
    const pieces = new Pieces(how.depth, largestPiece);
    let turn = performance.now() + longestSlice;
    let batch: Piece[] = [];
    for await (const chunk of response.body) {
      for (const piece of pieces.feed(chunk as Buffer)) {
        batch.push(piece);
        if (batch.length < together) continue;
        yield { type: 'pieces', pieces: batch };
        batch = [];
        if (performance.now() > turn) turn = await afterOthers();
      }
      if (batch.length > 0) yield { type: 'pieces', pieces: batch };
      batch = [];
      if (performance.now() > turn) turn = await afterOthers();
    }
    if (pieces.isWithin) throw Object.assign(new Error('amid an answer'), { code: 'UND_ERR_SOCKET' });
  }

  /** What an answer says that is an error: of a status, or in the place of a result. */
  async #refusal(status: number, body: AsyncIterable<unknown>): Promise<Fault> {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      parts.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > largestRefusal) break;
    }
    const text = Buffer.concat(parts).toString('utf8');
    const parsed = this.parse(text);
    return (parsed.ok ? this.refusalIn(parsed.value) : null) ?? httpFault(this.endpoint, status, text);
  }

  /** Null for what is no error. Streams have it inside of `error`, and until 3.5 by other names. */
  refusalIn(value: unknown): Fault | null {
    const inside = part(value, 'error');
    const error = typeof inside === 'object' && inside !== null ? inside : value;
    const message = part(error, 'message') ?? inside;
    if (typeof message !== 'string') return null;
    return statusFault(this.endpoint, numberOf(part(error, 'code') ?? part(error, 'grpc_code')), message);
  }

  parse(text: string): Outcome<unknown> {
    try {
      return { ok: true, value: JSON.parse(text) };
    } catch {
      return { ok: false, fault: this.malformed() };
    }
  }

  malformed(): Fault {
    return faultOf(this.endpoint, 'away', 'malformed', 'its answer is none of etcd: does something stand between?');
  }

  #faultOf(error: unknown, deadline: Deadline): Fault {
    if (deadline.signal.aborted) {
      const over = deadline.over();
      return over.code === 'aborted'
        ? faultOf(this.endpoint, 'away', 'aborted', 'given up')
        : faultOf(this.endpoint, 'away', 'timed-out', `no answer within ${over.milliseconds / 1000} s`);
    }
    if (error instanceof TooLarge) {
      const message = `a piece of its answer has more than ${largestPiece / 1024 / 1024} MiB`;
      return faultOf(this.endpoint, 'refused', 'too-large', message);
    }
    const isRubbish = error instanceof SyntaxError || (error instanceof Error && error.name === 'HTTPParserError');
    return isRubbish ? this.malformed() : wayFault(this.endpoint, error);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** When the next slice ends. */
async function afterOthers(): Promise<number> {
  await setImmediate();
  return performance.now() + longestSlice;
}
