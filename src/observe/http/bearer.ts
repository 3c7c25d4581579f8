/** Whether a request bears the token. */

import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares digests, in a time that says nothing about either. A token comes in a header that no form and no
 * image can send, and is kept in no cookie: a request that another site made a browser send never has it.
 */
export function bears(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
