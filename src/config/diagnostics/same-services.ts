/** Virtual services that are written differently and whose names have one address: the kernel holds them once. */

import type { Config, Virtual } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import { keyOfVirtual } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { Diagnostic } from './diagnostics.js';

/** Warnings; for a configuration in which names have their addresses. */
export function* sameServices(config: Config): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  const earlier = new Map<string, Virtual>();
  for (const virtual of config.virtuals) {
    yield;
    const name = keyOfVirtual(virtual);
    const other = earlier.get(name);
    if (other === undefined) earlier.set(name, virtual);
    // What is written alike is told as the file is read.
    else if (writtenName(other) !== writtenName(virtual)) found.push(warn(config, other, virtual));
  }
  return found;
}

function writtenName({ endpoint }: Virtual): string | null {
  return endpoint.protocol === 'fwm' ? null : endpoint.host.name;
}

function warn(config: Config, earlier: Virtual, later: Virtual): Diagnostic {
  const message =
    `“${writtenName(earlier)}” in line ${spanIn(config, earlier).line} and “${writtenName(later)}” have one address: this is one ` +
    'virtual service to the kernel, with the settings that stand here and the servers of both';
  return { severity: 'warning', code: 'duplicate-virtual', message, span: spanIn(config, later) };
}
