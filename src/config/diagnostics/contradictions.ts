/** Lines of a section that exclude each other, found once all of them are known. */

import { firstPathMark, markText, pathMarks } from '../../model/check-path.js';
import type { Virtual } from '../../model/config.js';
import { carriedBy } from '../../model/endpoint.js';
import { firstPortMark, portMarks } from '../../model/port-marks.js';
import { spanAsRead } from '../../model/section-span.js';
import type { Work } from '../../slices.js';
import { checkedViews } from '../fallback-checks.js';
import type { Keyword } from '../file/directives.js';
import type { Section } from '../file/sections.js';
import { services } from '../services.js';
import { tlsRefusal } from '../tls-modes.js';
import { growing, growthRefusals } from './by-weight.js';
import type { ErrorCode } from './codes.js';
import type { Diagnostic } from './diagnostics.js';
import { overlappingPorts } from './port-lists.js';
import { furtherRouteRefusal, type RouteKeyword, routeRefusal } from './routes.js';
import { wrongTracks } from './tracks.js';

/** `sections` are those of the virtual services, in the same order. */
export function* contradictions(virtuals: readonly Virtual[], sections: readonly Section[]): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const [index, virtual] of virtuals.entries()) {
    found.push(...inVirtual(virtual, sections[index]));
    yield;
  }
  return [
    ...found,
    ...wrongTracks(virtuals, sections),
    ...overlappingPorts(virtuals),
    ...takenMarks(virtuals, sections),
  ];
}

function goesForwarded({ checkpath }: Virtual): boolean {
  return checkpath === 'forwarded';
}

/** Marks that are given here, and are nobody else's then. */
interface Reserved {
  /** `… for …`. */
  readonly who: readonly [takes: string, whom: string];
  readonly first: number;
  readonly count: number;
}

const forPaths: Reserved = { who: ['checkpath=forwarded takes', 'itself'], first: firstPathMark, count: pathMarks };
const forPorts: Reserved = {
  who: ['services with “ports” take', 'themselves'],
  first: firstPortMark,
  count: portMarks,
};

/** `sections` as above. */
function takenMarks(virtuals: readonly Virtual[], sections: readonly Section[]): Diagnostic[] {
  const reserved = [
    ...(virtuals.some(goesForwarded) ? [forPaths] : []),
    ...(virtuals.some(({ endpoint }) => carriedBy(endpoint) !== null) ? [forPorts] : []),
  ];
  if (reserved.length === 0) return [];
  return virtuals.flatMap((virtual, index) => {
    const { endpoint, checkmark } = virtual;
    const span = spanAsRead(virtual.span);
    const own = endpoint.protocol === 'fwm' && endpoint.carries === undefined ? [{ mark: endpoint.mark, span }] : [];
    const place = sections[index]?.places.get('checkmark') ?? span;
    const written = checkmark === null ? own : [...own, { mark: checkmark, span: place }];
    return written.flatMap(({ mark, span }) => {
      return reserved.flatMap(({ who: [takes, whom], first, count }): Diagnostic[] => {
        if (mark < first || mark >= first + count) return [];
        const range = `${markText(first)} to ${markText(first + count - 1)}`;
        const message = `${takes} the marks from ${range} for ${whom}: take another one`;
        return [{ severity: 'error', code: 'reserved-mark', message, span }];
      });
    });
  });
}

function inVirtual(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  const refuse = (code: ErrorCode, message: string, keyword: Keyword) =>
    void found.push({
      severity: 'error',
      code,
      message,
      span: section?.places.get(keyword) ?? spanAsRead(virtual.span),
    });
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
  if (virtual.minhealthy !== null && virtual.belowminimum === 'fallback' && virtual.fallbacks.length === 0) {
    const keyword = section?.places.has('belowminimum') === true ? 'belowminimum' : 'minhealthy';
    refuse('missing-fallback', 'belowminimum=fallback needs a fallback', keyword);
  }
  const { slowstart, scheduler } = virtual;
  if (slowstart > 0 && growthRefusals.has(scheduler)) {
    const why = growthRefusals.get(scheduler);
    refuse('wrong-slowstart', `scheduler=${scheduler} ${why}: slowstart is for ${growing.join(', ')}`, 'slowstart');
  }
  for (const [keyword, code] of routes) {
    const views = checkedViews(virtual).filter((view) => isRouted(view, keyword));
    if (views.length === 0) continue;
    const [refusal] = views.flatMap((view) => routeRefusal(view, keyword) ?? []);
    if (refusal !== undefined) refuse(code, refusal, keyword);
    for (const further of virtual.require) {
      const message = furtherRouteRefusal(further, keyword);
      if (message !== null) found.push({ severity: 'error', code, message, span: spanAsRead(further.span) });
    }
  }
  return found;
}

const routes = [
  ['checkmark', 'wrong-checkmark'],
  ['checksource', 'wrong-checksource'],
  ['checkpath', 'wrong-checkpath'],
] as const;

function isRouted(virtual: Virtual, keyword: RouteKeyword): boolean {
  return keyword === 'checkpath' ? goesForwarded(virtual) : virtual[keyword] !== null;
}
