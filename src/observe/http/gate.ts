/** Whom the listener talks to, and about what: decided from the head of a request alone. */

import { isIP } from 'node:net';
import { type HttpAnswer, problem } from './answer.js';

export interface Head {
  readonly method: string;
  /** What stands in the request line. */
  readonly target: string;
  /** Each header Host. */
  readonly hosts: readonly string[];
  readonly contentLength: string | undefined;
  readonly transferEncoding: string | undefined;
}

export interface RequestTarget {
  /** Whom it is sent to; undefined where that is not said. */
  readonly host: string | undefined;
  readonly path: string;
  readonly query: string;
}

/** What a request is about. A whole address goes before the header Host: RFC 9112, 3.2.2. */
export function targetOf({ target, hosts }: Pick<Head, 'target' | 'hosts'>): RequestTarget {
  const [, host = hosts[0], rest = ''] = /^(?:https?:\/\/([^/?]*))?(.*)$/is.exec(target) ?? [];
  const [path = '', query = ''] = rest.split('?', 2);
  return { host, path: path === '' ? '/' : path, query };
}

/** Why a request is turned away before anybody looks at its path; null where it is not. */
export function turnAway(head: Head, isLoopback: boolean): HttpAnswer | null {
  // What judged one of them before us, a proxy for instance, may not have judged the other: RFC 9112, 3.2.
  if (head.hosts.length > 1) return problem(400, 'more than one Host header', { Connection: 'close' });
  if (!['GET', 'HEAD', 'POST'].includes(head.method)) {
    return problem(405, 'only GET, HEAD and POST are understood', { Allow: 'GET, HEAD, POST' });
  }
  // No request needs one, and nobody reads it.
  if (Number(head.contentLength ?? 0) !== 0 || head.transferEncoding !== undefined) {
    return problem(413, 'a request here has no body', { Connection: 'close' });
  }
  const { host } = targetOf(head);
  if (isLoopback && host !== undefined && !isOwnHost(host)) {
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
  // The dot says that the name is whole.
  if (host === 'localhost' || host === 'localhost.') return true;
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
