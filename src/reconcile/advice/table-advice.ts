/** Warnings about what the table will refuse, so that it is known before the service stands empty. */

import type { Diagnostic } from '../../config/diagnostics/diagnostics.js';
import type { Failure } from '../../ipvs/backend.js';
import { destinationRefusal, serviceRefusal } from '../../ipvs/refusal.js';
import type { Config, Server, Span, Virtual } from '../../model/config.js';
import type { Work } from '../../slices.js';
import { destinationOf, serviceOf } from '../desired.js';

/** What has no address yet is not judged. */
export function* adviseOnTable({ virtuals }: Config): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const virtual of virtuals) {
    const service = serviceOf(virtual);
    if (service !== null) found.push(...tell('this virtual service', serviceRefusal(service), virtual.span));
    for (const real of virtual.realServers) found.push(...onServer(virtual, 'this real server', real, real.span));
    for (const one of virtual.fallbacks) found.push(...onServer(virtual, 'its fallback server', one, virtual.span));
    yield;
  }
  return found;
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
