/** Lines of a section that exclude each other, found once all of them are known. */

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
  const refuse = (code: string, message: string, keyword: Keyword) =>
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
  return found;
}
