/** One gRPC call with one message each way (the protocol over HTTP/2, doc/PROTOCOL-HTTP2.md of grpc/grpc). */

import http2 from 'node:http2';
import type net from 'node:net';
import { failureOf, type Phase, ProbeFailure, printable } from '../failure.js';
import { headersBound } from './http-message.js';

export interface GrpcCall {
  readonly authority: string;
  /** `/package.Service/Method`. */
  readonly method: string;
  readonly message: Buffer;
  /** Milliseconds that the server is told it has. */
  readonly timeout: number;
  readonly secure: boolean;
}

/** Compressed or not, and the length of the message. */
const prefixLength = 5;
/** Bytes of an answer: the messages that are asked for here are small. */
const answerBound = 64 * 1024;
/** Bytes that HTTP/2 counts for a header beside its name and value (RFC 9113, section 6.5.2). */
const smallestHeader = 32;
/** The longest number that the header takes. */
const longestTimeout = 99_999_999;

/** The answer's message. Rejects with a ProbeFailure; who lent the socket ends it. */
export function callGrpc(socket: net.Socket, call: GrpcCall, signal: AbortSignal): Promise<Buffer> {
  const session = http2.connect(`${call.secure ? 'https' : 'http'}://server`, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: headersBound },
    // Their size is what is bounded; a proxy can add more than the 128 that are its default.
    maxHeaderListPairs: headersBound / smallestHeader,
  });
  // It ends with the socket.
  return respond(session, call, signal);
}

function respond(session: http2.ClientHttp2Session, call: GrpcCall, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let phase: Phase = 'response headers';
    let headers: http2.IncomingHttpHeaders = {};
    let size = 0;
    const chunks: Buffer[] = [];
    const fail = (error: unknown) => reject(failureOf(phase, error, signal));
    const closed = () => fail(new ProbeFailure(phase, 'closed by the server'));
    session.on('error', fail).on('close', closed);
    const stream = session.request({
      ':method': 'POST',
      ':path': call.method,
      ':authority': call.authority,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${Math.min(longestTimeout, Math.ceil(call.timeout))}m`,
      'user-agent': 'ldirectord',
    });
    stream.on('error', fail).on('close', closed);
    stream.on('response', (found) => {
      headers = found;
      phase = 'response';
      const status = Number(found[':status']);
      if (status !== 200) fail(new ProbeFailure('response headers', `status ${status}`));
      else if (!String(found['content-type']).startsWith('application/grpc')) {
        fail(new ProbeFailure('response headers', 'the answer is not gRPC'));
      }
    });
    stream.on('trailers', (found) => {
      headers = { ...headers, ...found };
    });
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > answerBound) fail(new ProbeFailure(phase, `more than ${answerBound} bytes`));
    });
    stream.on('end', () => {
      // It comes for a stream that was cut off too.
      if (phase === 'response headers') return;
      try {
        judge(headers);
        resolve(messageOf(Buffer.concat(chunks)));
      } catch (error) {
        fail(error);
      }
    });
    stream.end(Buffer.concat([prefixOf(call.message), call.message]));
  });
}

function prefixOf(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(message.length, 1);
  return prefix;
}

function messageOf(body: Buffer): Buffer {
  const message = body.subarray(prefixLength);
  if (body.length < prefixLength || body[0] !== 0 || body.readUInt32BE(1) !== message.length) {
    throw new ProbeFailure('response', `${body.length} bytes that are not one message`);
  }
  return message;
}

/** The status stands in the trailers or, where there is no message, in the headers. */
function judge(headers: http2.IncomingHttpHeaders): void {
  const status = headers['grpc-status'];
  if (status === '0') return;
  if (status === undefined) throw new ProbeFailure('response', 'the answer ends without a status');
  const text = printable(decode(String(headers['grpc-message'] ?? '')));
  const name = codes[Number(status)] ?? `status ${printable(String(status))}`;
  throw new ProbeFailure('response', text === '' ? name : `${name}, "${text}"`);
}

/** Its characters beyond ASCII are escaped as in addresses, more or less. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const codes: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];
