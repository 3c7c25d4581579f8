/** What servers do to those who check them. Each is the behaviour of one connection of a real listener. */

import { randomBytes } from 'node:crypto';
import { type Behaviour, drip, flood } from './listener.js';

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';

/** Sends a text when the first bytes of a request have come. */
export function says(text: string | Buffer): Behaviour {
  return (socket) => {
    socket.once('data', () => socket.write(text));
  };
}

/** The same, and then closes. */
export function saysAndCloses(text: string | Buffer): Behaviour {
  return (socket) => {
    socket.once('data', () => socket.end(text));
  };
}

/** The same, and resets a moment after what it said has arrived. */
function saysAndResets(text: string): Behaviour {
  return (socket) => {
    socket.once('data', () => socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 20)));
  };
}

function floods(first: string, more: string | Buffer): Behaviour {
  return (socket) => {
    socket.once('data', () => {
      socket.write(first);
      flood(socket, () => socket.write(more));
    });
  };
}

function drips(first: string, byte: string): Behaviour {
  return (socket) => {
    socket.once('data', () => {
      socket.write(first);
      drip(socket, 50, () => socket.write(byte));
    });
  };
}

/** A response with a body of known length, after which the connection closes. */
export function response(status: string, body = '', headers: readonly string[] = []): Behaviour {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', ...headers];
  return saysAndCloses(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

export const bad = {
  silent: () => {},
  closesAtOnce: (socket) => socket.end(),
  resetsAtOnce: (socket) => socket.resetAndDestroy(),
  closesBeforeHeaders: saysAndCloses(''),
  closesInHeaders: saysAndCloses(head),
  closesInBody: saysAndCloses(`${head}Content-Length: 100\r\n\r\nhello`),
  closesInChunk: saysAndCloses(`${head}Transfer-Encoding: chunked\r\n\r\n64\r\nhello`),
  resetsInHeaders: saysAndResets(head),
  resetsInBody: saysAndResets(`${head}Content-Length: 100\r\n\r\nhello`),
  resetsInBodyWithoutLength: saysAndResets(`${head}Connection: close\r\n\r\nhello`),
  stallsInBody: says(`${head}Content-Length: 100\r\n\r\nhello`),
  dripsHeaders: drips(`${head}X-Slow: `, 'x'),
  dripsBody: drips(`${head}Content-Length: 100000\r\n\r\n`, 'x'),
  endlessHeaders: floods(head, 'X-More: and more\r\n'.repeat(100)),
  endlessHeaderLine: floods(`${head}X-Long: `, 'x'.repeat(4096)),
  endlessStatusLine: floods('HTTP/1.1 200 ', 'x'.repeat(4096)),
  endlessBody: floods(`${head}\r\n`, 'x'.repeat(65536)),
  endlessChunks: floods(`${head}Transfer-Encoding: chunked\r\n\r\n`, `1000\r\n${'x'.repeat(4096)}\r\n`.repeat(16)),
  endlessChunkExtension: floods(`${head}Transfer-Encoding: chunked\r\n\r\n5;`, 'x'.repeat(4096)),
  endlessInterim: floods('', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(100)),
  endlessContinue: floods('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
  upgrades: says('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
  garbage: saysAndCloses(Buffer.concat([Buffer.from([0x00, 0xff]), randomBytes(4096)])),
  otherProtocol: (socket) => socket.end('220 mail.example.com ESMTP\r\n'),
  chunkedGarbage: saysAndCloses(`${head}Transfer-Encoding: chunked\r\n\r\nnot a length\r\n`),
  longerThanAnnounced: saysAndCloses(`${head}Content-Length: 5\r\nConnection: close\r\n\r\nhello and more`),
  twoLengths: saysAndCloses(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`),
} satisfies Record<string, Behaviour>;
