/**
 * Whether an HTTP server, or a server behind an HTTP proxy, answers with status 2xx and, where `receive` is
 * set, with a body that matches it. Redirects are followed.
 */

import type { Pattern } from '../config/model.js';
import type { Answer, Check } from './probe.js';
import { bodyBound, exchange, type HttpResponse, isSuccess } from './wire/exchange.js';
import { answer, ProbeFailure, printable } from './wire/failure.js';
import { firstHop, redirected } from './wire/hop.js';

/** As many as the reference follows. */
const redirectBound = 7;
/** Those whose Location is meant for a client to follow by itself (RFC 9110, section 15.4). */
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function probeHttp(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(async () => {
    let hop = firstHop(check);
    let via = '';
    for (let redirects = 0; ; redirects += 1) {
      const response = await exchange({ ...hop, method: check.httpmethod }, signal).catch((error: unknown) => {
        throw error instanceof ProbeFailure ? error.after(via) : error;
      });
      if (response.location === null || !redirectStatuses.has(response.status)) {
        return judge(response, check.receive, via);
      }
      const to = `status ${response.status} to ${printable(response.location)}`;
      const next = redirected(hop, response.location, check);
      if (next === null) {
        throw new ProbeFailure('response', `${to}, which cannot be asked for`).after(via);
      }
      if (redirects === redirectBound) {
        throw new ProbeFailure('response', `${to}, after ${redirectBound} redirects`);
      }
      hop = next;
      via = to;
    }
  });
}

function judge(response: HttpResponse, receive: Pattern | null, via: string): string {
  if (!isSuccess(response.status)) {
    throw new ProbeFailure('response', `status ${response.status}`).after(via);
  }
  const found = `response: status ${response.status}`;
  if (receive === null) {
    return found;
  }
  // `search` starts at the front whatever flags the expression has.
  if (textOf(response.body).search(receive.regex) < 0) {
    const read = response.body.length === bodyBound ? `the first ${bodyBound} bytes` : `${response.body.length} bytes`;
    throw new ProbeFailure('response body', `no match for "${printable(receive.source)}" in ${read}`).after(via);
  }
  return `${found}, the body matches`;
}

/**
 * A body as UTF-8 or, where it is not, as one character a byte: then what is plain ASCII in it still matches,
 * and `\xe9` means the byte. As the reference does, whatever character set the headers claim.
 */
function textOf(body: Buffer): string {
  try {
    // As a stream, a character cut in two by the bound is no error.
    return new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true });
  } catch {
    return body.toString('latin1');
  }
}
