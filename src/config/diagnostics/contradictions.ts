/** Lines of a section that exclude each other, found once all of them are known. */

import { isIP } from 'node:net';
import type { Virtual } from '../../model/config.js';
import { checkTypes } from '../check-types.js';
import type { Keyword } from '../file/directives.js';
import type { Section } from '../file/sections.js';
import { services } from '../services.js';
import { tlsRefusal } from '../tls-modes.js';
import type { ErrorCode } from './codes.js';
import type { Diagnostic } from './diagnostics.js';
import { wrongTracks } from './tracks.js';

/** `sections` are those of the virtual services, in the same order. */
export function contradictions(virtuals: readonly Virtual[], sections: readonly Section[]): Diagnostic[] {
  return [
    ...virtuals.flatMap((virtual, index) => inVirtual(virtual, sections[index])),
    ...wrongTracks(virtuals, sections),
  ];
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
  if (virtual.httpversion === '2' && services[service].http !== 'site') {
    refuse('wrong-httpversion', `service=${service} cannot be asked over HTTP/2`, 'httpversion');
  }
  if (virtual.minhealthy !== null && virtual.belowminimum === 'fallback' && virtual.fallback === null) {
    const keyword = section?.places.has('belowminimum') === true ? 'belowminimum' : 'minhealthy';
    refuse('missing-fallback', 'belowminimum=fallback needs a fallback', keyword);
  }
  const { slowstart, scheduler } = virtual;
  if (slowstart > 0 && growthRefusals.has(scheduler)) {
    const why = growthRefusals.get(scheduler);
    refuse('wrong-slowstart', `scheduler=${scheduler} ${why}: slowstart is for ${growing.join(', ')}`, 'slowstart');
  }
  for (const [keyword, code] of routes) {
    const refusal = virtual[keyword] === null ? null : routeRefusal(virtual, keyword);
    if (refusal !== null) refuse(code, refusal, keyword);
  }
  return found;
}

/** Schedulers by whose weights a server can be given more and more (ipvsadm(8)). */
const growing = ['wrr', 'wlc', 'sed', 'nq', 'twos', 'lblc', 'lblcr'];

/** Why a server cannot with the others of the kernel's own. */
const growthRefusals: ReadonlyMap<string, string> = new Map([
  ...['rr', 'lc', 'dh'].map((name): [string, string] => [name, 'does not go by weights']),
  ['fo', 'takes weights for an order'],
  ['ovf', 'takes weights for a limit'],
  ...['sh', 'mh'].map((name): [string, string] => [name, 'would move clients with each step']),
]);

const routes = [
  ['checkmark', 'wrong-checkmark'],
  ['checksource', 'wrong-checksource'],
] as const;

/** Why a check cannot have this mark or source; null where it can. */
function routeRefusal(virtual: Virtual, keyword: 'checkmark' | 'checksource'): string | null {
  const { checktype, service, endpoint, family, checksource } = virtual;
  const { asks } = checkTypes[checktype];
  const { sockets, asked } = services[service];
  if (asks === 'program') {
    return `the program of checktype=${checktype} opens its own sockets, which ${keyword} cannot reach`;
  }
  const connects = asks === 'port' || (checktype === 'combined' && !asked);
  if (asks === 'machine' || (connects && endpoint.protocol === 'udp')) return `a ping takes no ${keyword}`;
  if (asks !== 'port' && sockets === 'library') {
    return `the library of service=${service} opens its own sockets, which ${keyword} cannot reach`;
  }
  if (asks !== 'port' && sockets === 'unmarked' && keyword === 'checkmark')
    return `service=${service} takes no checkmark`;
  const wanted = family === 'inet6' ? 6 : 4;
  if (keyword === 'checksource' && isIP(checksource ?? '') !== wanted) {
    return `the real servers have IPv${wanted} addresses, and the source of their checks must be one too`;
  }
  return null;
}
