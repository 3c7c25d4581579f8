/** The bytes of an HTTP/1.1 request (RFC 9112, section 3). */

import { ProbeFailure } from '../failure.js';
import type { HttpRequest } from './http-message.js';

/** By headers, which many checks have in common. */
const written = new WeakMap<HttpRequest['headers'], string>();

/** Throws a ProbeFailure where a header cannot be sent. Not kept: thousands of them would take much memory. */
export function requestBytes({ method, path, host, headers }: HttpRequest): Uint8Array {
  const known = written.get(headers);
  const fields = known ?? fieldLines(headers);
  if (known === undefined) written.set(headers, fields);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${fieldLine('host', host)}${fields}\r\n`, 'latin1');
}

function fieldLines(headers: HttpRequest['headers']): string {
  // Without `Connection: close`: a server that closes late would leave the close, and so TIME_WAIT, to us.
  const lines = Object.entries({ connection: 'keep-alive', ...headers }).flatMap(([name, values]) =>
    [values].flat().map((value) => fieldLine(name, value)),
  );
  return lines.join('');
}

/** RFC 9110, section 5.5. */
function fieldLine(name: string, value: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new ProbeFailure('request', `the header ${name} is not valid in HTTP`);
  return `${name}: ${value}\r\n`;
}
