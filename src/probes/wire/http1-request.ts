/** The bytes of an HTTP/1.1 request (RFC 9112, section 3). */

import { ProbeFailure } from './failure.js';
import type { HttpRequest } from './http-message.js';

/** Requests last as long as their checks, which ask the same again and again. */
const written = new WeakMap<HttpRequest, Uint8Array>();

/** Throws a ProbeFailure where a header cannot be sent. */
export function requestBytes(request: HttpRequest): Uint8Array {
  const known = written.get(request);
  if (known !== undefined) return known;
  const { method, path, host, headers } = request;
  // Without `Connection: close`: a server that closes late would leave the close, and so TIME_WAIT, to us.
  const fields = Object.entries({ host, connection: 'keep-alive', ...headers }).flatMap(([name, values]) =>
    [values].flat().map((value) => fieldLine(name, value)),
  );
  const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1');
  written.set(request, bytes);
  return bytes;
}

/** RFC 9110, section 5.5. */
function fieldLine(name: string, value: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new ProbeFailure('request', `the header ${name} is not valid in HTTP`);
  return `${name}: ${value}\r\n`;
}
