/** Lines of a section that exclude each other, found once all of them are known. */

import { isIP } from 'node:net';
import type { ErrorCode } from './diagnostic-codes.js';
import type { Diagnostic } from './diagnostics.js';
import type { Keyword } from './directive.js';
import type { Virtual } from './model.js';
import type { Section } from './sections.js';
import { tlsRefusal } from './tls-modes.js';

/** `sections` are those of the virtual services, in the same order. */
export function contradictions(virtuals: readonly Virtual[], sections: readonly Section[]): Diagnostic[] {
  return virtuals.flatMap((virtual, index) => inVirtual(virtual, sections[index]));
}

function inVirtual(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  const refuse = (code: ErrorCode, message: string, keyword: Keyword) =>
    void found.push({ severity: 'error', code, message, span: section?.places.get(keyword) ?? virtual.span });
  const { service } = virtual;
  const refused = section?.draft.tls === undefined ? null : tlsRefusal(service, virtual.tls);
  if (refused !== null) refuse('wrong-tls-mode', refused, 'tls');
  if (virtual.tlskeyfile !== null && virtual.tlscertfile === null) {
    refuse('key-without-certificate', 'a key needs its certificate: set tlscertfile', 'tlskeyfile');
  }
  if (virtual.httpauth === 'basic' && virtual.login === '') {
    refuse('missing-login', 'httpauth=basic needs a user name: set login', 'httpauth');
  }
  if (virtual.httpversion === '2' && service !== 'https' && service !== 'http') {
    refuse('wrong-httpversion', `service=${service} cannot be asked over HTTP/2`, 'httpversion');
  }
  for (const [keyword, code] of routes) {
    const refusal = virtual[keyword] === null ? null : routeRefusal(virtual, keyword);
    if (refusal !== null) refuse(code, refusal, keyword);
  }
  return found;
}

const routes = [
  ['checkmark', 'wrong-checkmark'],
  ['checksource', 'wrong-checksource'],
] as const;

/** Why a check cannot have this mark or source; null where it can. */
function routeRefusal(virtual: Virtual, keyword: 'checkmark' | 'checksource'): string | null {
  const { checktype, service, endpoint, family, checksource } = virtual;
  if (checktype === 'external' || checktype === 'external-perl') {
    return `the program of checktype=${checktype} opens its own sockets, which ${keyword} cannot reach`;
  }
  const connects = checktype === 'connect' || (checktype === 'combined' && service === 'none');
  if (checktype === 'ping' || (connects && endpoint.protocol === 'udp')) return `a ping takes no ${keyword}`;
  if (checktype !== 'connect' && service === 'oracle') {
    return `the library of service=oracle opens its own sockets, which ${keyword} cannot reach`;
  }
  if (checktype !== 'connect' && service === 'tftp' && keyword === 'checkmark')
    return 'service=tftp takes no checkmark';
  const wanted = family === 'inet6' ? 6 : 4;
  if (keyword === 'checksource' && isIP(checksource ?? '') !== wanted) {
    return `the real servers have IPv${wanted} addresses, and the source of their checks must be one too`;
  }
  return null;
}
