/** Whom the listener talks to, and about what: decided from the head of a request alone. */

import { isIP } from 'node:net';
import { type Answer, problem } from './answer.js';

export interface Head {
  readonly method: string;
  readonly host: string | undefined;
  readonly contentLength: string | undefined;
  readonly transferEncoding: string | undefined;
}

/** Why a request is turned away before anybody looks at its path; null where it is not. */
export function turnedAway(head: Head, isLoopback: boolean): Answer | null {
  if (!['GET', 'HEAD', 'POST'].includes(head.method)) {
    return problem(405, 'only GET, HEAD and POST are understood', { Allow: 'GET, HEAD, POST' });
  }
  // No request needs one, and nobody reads it.
  if (Number(head.contentLength ?? 0) !== 0 || head.transferEncoding !== undefined) {
    return problem(413, 'a request here has no body', { Connection: 'close' });
  }
  if (isLoopback && head.host !== undefined && !isOwnHost(head.host)) {
    return problem(421, 'this listener answers to addresses and localhost; set the Host header to one');
  }
  return null;
}

/**
 * Whether a Host header is an address or localhost. A page of another site that has its own name lead to 127.0.0.1
 * (DNS rebinding) still sends that name.
 */
function isOwnHost(header: string): boolean {
  const host = header.replace(/:\d*$/, '').toLowerCase();
  if (host === 'localhost') return true;
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
