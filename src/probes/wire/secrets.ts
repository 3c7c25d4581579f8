/** Keeping secrets out of reasons, which reach logs and mails: a library or a server can repeat what it was sent. */

import { printable } from '../failure.js';
import type { Check } from '../probe.js';
import { basicOf, loginIn } from './address-login.js';

/** Characters of a secret at the end of a text that was cut off, from which on it is taken out. */
const shortestStart = 4;

/** The text with `***` for every secret of the check, in each form in which it is sent. */
export function redact(reason: string, check: Check): string {
  return secretsOf(check).reduce((text, secret) => withoutStart(text.replaceAll(secret, '***'), secret), reason);
}

/** The longest first, so that none is left in pieces by another that is a part of it. */
function secretsOf({ request, login, passwd, secrets }: Check): readonly string[] {
  const inAddress = loginIn(request);
  // As of most checks.
  if (secrets.length === 0 && inAddress === null) return [];
  const plain = inAddress === null ? secrets : [...secrets, inAddress.password];
  const encoded = passwd === '' ? [] : [passwd, `${login}:${passwd}`, `\0${login}\0${passwd}`].map(base64);
  if (inAddress !== null) encoded.push(basicOf(inAddress));
  const all = [...plain, ...encoded, ...plain.map(encodeURIComponent)];
  // Reasons are made printable before they come here.
  return [...new Set([...all, ...all.map(printable)])]
    .filter((text) => text !== '')
    .sort((a, b) => b.length - a.length);
}

/** A long text ends in an ellipsis, and can end in the middle of a secret. */
function withoutStart(text: string, secret: string): string {
  return text.replaceAll(/.{4,200}…/gs, (piece) => {
    for (let length = Math.min(secret.length, piece.length) - 1; length >= shortestStart; length -= 1) {
      const start = secret.slice(0, length);
      if (piece.endsWith(`${start}…`)) return `${piece.slice(0, -length - 1)}***…`;
    }
    return piece;
  });
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
