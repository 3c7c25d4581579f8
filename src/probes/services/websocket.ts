/**
 * Whether a server agrees to speak WebSocket (RFC 6455) and, where `receive` is set or a text is sent, says a
 * message that matches. `request` is the path of the handshake and, after a blank, the text: `/chat ping`.
 */

import net from 'node:net';
import { type RawData, WebSocket } from 'ws';
import type { Pattern } from '../../model/config.js';
import { answer, failureOf, type Phase, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Connection, withConnection } from '../sockets/dial.js';
import { matches } from '../wire/match.js';

/** Bytes of one message. */
const messageBound = 1024 * 1024;
/** The package wants to know of this one, since the answer must go with it. */
const protocolHeader = 'sec-websocket-protocol';
/** Messages that are read; a service may say other things first. */
const messagesBound = 100;
/** Bytes of the last one that a reason shows. */
const shown = 100;

export function probeWebSocket(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() => withConnection(check, signal, (connection) => speak(connection, check, signal)));
}

/** All that the client can say is listened to from the start: messages can come with the end of the handshake. */
function speak({ socket }: Connection, check: Check, signal: AbortSignal): Promise<string> {
  const [, path = '/', text = ''] = /^(\S*) ?(.*)$/s.exec(check.request) ?? [];
  const { receive } = check;
  return new Promise((resolve, reject) => {
    let phase: Phase = 'response headers';
    let others = 0;
    let last = '';
    const client = openSocket(socket, check, path, signal);
    const done = (reason: string) => {
      // The timer that waits for the answer to this ends with the socket.
      client.close();
      resolve(reason);
    };
    const fail = (error: unknown) => {
      const other = receive !== null && others > 0;
      reject(other ? mismatch(receive, others, last) : failureOf(phase, error, signal));
    };
    client.on('error', fail);
    client.on('close', () => fail(new ProbeFailure(phase, 'closed by the server')));
    client.on('unexpected-response', (_request, { statusCode }) =>
      fail(new ProbeFailure(phase, `status ${statusCode}`)),
    );
    client.on('open', () => {
      phase = 'response';
      if (text !== '') client.send(text);
      else if (receive === null) done('response headers: status 101');
    });
    const take = (bytes: Buffer) => {
      if (receive === null || matches(bytes, receive)) {
        done(`response: a message of ${bytes.length} bytes${receive === null ? '' : ' matches'}`);
        return;
      }
      others += 1;
      last = printable(bytes.toString('utf8', 0, shown));
      if (others === messagesBound) fail(null);
    };
    client.on('message', (data) => {
      try {
        take(bytesOf(data));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function mismatch({ source }: Pattern, count: number, last: string): ProbeFailure {
  return new ProbeFailure('response', `no match for "${printable(source)}" in ${count} messages, last "${last}"`);
}

function bytesOf(data: RawData): Buffer {
  return Buffer.concat([data].flat().map((part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part)));
}

/** Throws a ProbeFailure where a setting cannot stand in a request. */
function openSocket(socket: net.Socket, check: Check, path: string, signal: AbortSignal): WebSocket {
  try {
    return open(socket, check, path);
  } catch (error) {
    throw failureOf('request', error, signal);
  }
}

function open(socket: net.Socket, check: Check, path: string): WebSocket {
  const { address, port, login, passwd, http, virtualhost } = check;
  const host = virtualhost ?? `${net.isIPv6(address) ? `[${address}]` : address}:${port}`;
  const { [protocolHeader]: protocols = '', ...headers } = Object.fromEntries(
    http.headers.map(({ name, value }) => [name.toLowerCase(), value]),
  );
  const basic = `Basic ${Buffer.from(`${login}:${passwd}`).toString('base64')}`;
  // A fragment is never sent, and the package refuses one.
  return new WebSocket(`ws://server${path.replaceAll('#', '%23')}`, protocols.split(/[\s,]+/).filter(Boolean), {
    createConnection: () => socket,
    headers: { 'user-agent': 'ldirectord', ...headers, ...(http.auth === 'basic' && { authorization: basic }), host },
    maxPayload: messageBound,
    // Memory and time for nothing.
    perMessageDeflate: false,
    followRedirects: false,
  });
}
