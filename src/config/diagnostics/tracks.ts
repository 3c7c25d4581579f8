/** Virtual services that track one that is not there, or in a circle. */

import type { Virtual } from '../../model/config.js';
import { spanAsRead } from '../../model/section-span.js';
import { isNamed, keyOfVirtual } from '../../model/subject.js';
import type { Section } from '../file/sections.js';
import type { Diagnostic } from './diagnostics.js';

/** `sections` are those of the virtual services, in the same order. */
export function wrongTracks(virtuals: readonly Virtual[], sections: readonly Section[]): Diagnostic[] {
  const tracked = new Map<Virtual, Virtual>();
  const found: Diagnostic[] = [];
  const refuse = (code: 'unknown-track' | 'track-loop', message: string, virtual: Virtual): void => {
    const span = sections[virtuals.indexOf(virtual)]?.places.get('track') ?? spanAsRead(virtual.span);
    found.push({ severity: 'error', code, message, span });
  };
  for (const virtual of virtuals) {
    const { track } = virtual;
    if (track === null) continue;
    const named = virtuals.filter((other) => other !== virtual && isNamed(other, track));
    const [one] = named;
    const services = new Set(named.map((other) => keyOfVirtual(other)));
    if (one === undefined) refuse('unknown-track', `no other virtual service opens with ${track}`, virtual);
    else if (services.size > 1) {
      refuse(
        'unknown-track',
        `${services.size} virtual services open with ${track}: put tcp/ or udp/ before it`,
        virtual,
      );
    } else tracked.set(virtual, one);
  }
  for (const virtual of tracked.keys()) {
    if (endsAtItself(virtual, tracked)) refuse('track-loop', 'this service tracks itself, over others', virtual);
  }
  return found;
}

function endsAtItself(virtual: Virtual, tracked: ReadonlyMap<Virtual, Virtual>): boolean {
  const passed = new Set<Virtual>();
  let next = tracked.get(virtual);
  while (next !== undefined && next !== virtual && !passed.has(next)) {
    passed.add(next);
    next = tracked.get(next);
  }
  return next === virtual;
}
