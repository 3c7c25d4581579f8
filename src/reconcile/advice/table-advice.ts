/** Warnings about what the table will refuse, so that it is known before the service stands empty. */

import type { Diagnostic } from '../../config/diagnostics/diagnostics.js';
import type { Failure } from '../../ipvs/backend.js';
import { destinationRefusal, serviceRefusal } from '../../ipvs/refusal.js';
import type { Config, SectionSpan, Server, Span, Virtual } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import type { Work } from '../../slices.js';
import { destinationOf, serviceOf } from '../desired.js';

/** Of which there is nothing to say, as of most: they need no look when their file is read again. */
const sound = new WeakSet<Virtual>();

/** What has no address yet is not judged. */
export function* adviseOnTable(config: Config): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const virtual of config.virtuals) {
    if (sound.has(virtual)) continue;
    const advice = onVirtual(virtual, config);
    if (advice.length === 0) sound.add(virtual);
    found.push(...advice);
    yield;
  }
  return found;
}

function onVirtual(virtual: Virtual, config: Config): Diagnostic[] {
  const at = (place?: SectionSpan): Span => spanIn(config, virtual, place);
  const service = serviceOf(virtual);
  return [
    ...(service === null ? [] : tell('this virtual service', serviceRefusal(service), at())),
    ...virtual.realServers.flatMap((real) => onServer(virtual, 'this real server', real, at(real.span))),
    ...virtual.fallbacks.flatMap((one) => onServer(virtual, 'its fallback server', one, at())),
  ];
}

function onServer(virtual: Virtual, who: string, server: Server, span: Span): Diagnostic[] {
  const destination = destinationOf(virtual, server);
  return destination === null ? [] : tell(who, destinationRefusal(destination), span);
}

function tell(who: string, failure: Failure | null, span: Span): Diagnostic[] {
  if (failure === null) return [];
  const message = `the kernel will refuse ${who}: ${failure.message} (${failure.code})`;
  return [{ severity: 'warning', code: 'kernel-refuses', message, span }];
}
