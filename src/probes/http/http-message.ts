/** What HTTP checks send and get, whichever version carries it. */

import type { StatusRange } from '../../model/config.js';
import type { ProbeFailure } from '../failure.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD';
  readonly scheme: 'http' | 'https';
  /** The Host header. */
  readonly host: string;
  /** Escaped; an absolute address where a proxy is asked. */
  readonly path: string;
  /** All others, by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Statuses whose body is read. */
  readonly wanted: readonly StatusRange[];
  /** Bytes of a body that are read. What comes after does not count. */
  readonly bodyLimit: number;
  /** Whether the phrase of the status and the headers are wanted; otherwise they can be left out of the response. */
  readonly keepsHead: boolean;
  /** Whether the body is wanted; otherwise it is read, and that it comes is enough. */
  readonly keepsBody: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** The reason phrase; empty in HTTP/2. */
  readonly phrase: string;
  /** Names and values in turn, as the server sent them. */
  readonly headers: () => readonly (string | Buffer)[];
  /** As it can stand in an address. */
  readonly location: string | null;
  /** Up to the limit, without decompression; empty unless it and the status are wanted. */
  readonly body: Buffer;
  /** Why the connection broke where its end is that of the body, of which more could have come; else null. */
  readonly broken: ProbeFailure | null;
}

/** Who waits for a response, and is told once, be it at once. Neither throws. */
export interface Asker {
  answered(response: HttpResponse): void;
  failed(failure: ProbeFailure): void;
}

/** One connection on which requests are made, one after another. */
export interface Channel {
  /** Rejects with a ProbeFailure that names the phase. */
  ask(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Whether the last response was read to its end, so that another request can follow. */
  readonly ready: boolean;
  /** Whether anything has come in answer to the last request. */
  readonly answered: boolean;
  /** Lets go of what stands on the connection, which has been ended before where it is not the channel's own. */
  close(): Promise<void>;
}

/** A channel with a connection of its own, which can outlive the check that opened it. */
export interface Lasting extends Channel {
  /** As `ask`, without a promise. */
  begin(request: HttpRequest, signal: AbortSignal, asker: Asker): void;
  /** When `ready` counts, since a library can look later at what the server says about closing; null is now. */
  whenSettled(): Promise<void> | null;
  /** Called when it ends without being asked for, where that is noticed; another function can be put here. */
  onGone: (gone: Lasting) => void;
  /** It waits for the next request, and holds up no end of the process meanwhile. */
  rest(): void;
}

/** Bytes of names and values of headers. Browsers and curl take a few times as many, of one server at a time. */
export const headersBound = 64 * 1024;
/** Responses with status 1xx before the one that counts. */
export const interimBound = 8;

export const defaultHeaders = { 'user-agent': 'ldirectord', accept: '*/*', 'accept-encoding': 'identity' } as const;

/**
 * The value of a Location, read one character a byte: what is not ASCII in it is escaped byte by byte, as browsers do,
 * whatever character set it is in.
 */
export function locationOf(value: string): string {
  return value.replaceAll(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function isIn(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => status >= from && status <= to);
}

/** Lines of `Name: value`. */
export function headerLines({ headers }: HttpResponse): string {
  const raw = headers();
  let lines = '';
  for (let at = 0; at + 1 < raw.length; at += 2) {
    lines += `${raw[at]?.toString('latin1')}: ${raw[at + 1]?.toString('latin1')}\n`;
  }
  return lines;
}
