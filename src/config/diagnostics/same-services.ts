/** Virtual services that stand in the file more than once: the kernel holds each once. */

import type { Config, Virtual } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import { keyOfVirtual } from '../../model/subject.js';
import type { Work } from '../../slices.js';
import type { Diagnostic } from './diagnostics.js';

/** Warnings of those whose name or address is the same, with ports and marks that may be written differently. */
export function writtenAlike(config: Config): Work<Diagnostic[]> {
  return repeated(config, (earlier) => {
    const { line } = spanIn(config, earlier);
    return `this is the same virtual service as in line ${line}; the kernel holds it once`;
  });
}

/** Warnings of those that have different names with one address; for a configuration in which names have theirs. */
export function sameServices(config: Config): Work<Diagnostic[]> {
  return repeated(config, (earlier, later) => {
    if (writtenName(earlier) === writtenName(later)) return null;
    return (
      `“${writtenName(earlier)}” in line ${spanIn(config, earlier).line} and “${writtenName(later)}” have one address: this is ` +
      'one virtual service to the kernel, with the settings that stand here and the servers of both'
    );
  });
}

function* repeated(config: Config, tell: (earlier: Virtual, later: Virtual) => string | null): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  const first = new Map<string, Virtual>();
  for (const virtual of config.virtuals) {
    yield;
    const name = keyOfVirtual(virtual);
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, virtual);
      continue;
    }
    const message = tell(earlier, virtual);
    if (message === null) continue;
    found.push({ severity: 'warning', code: 'duplicate-virtual', message, span: spanIn(config, virtual) });
  }
  return found;
}

function writtenName({ endpoint }: Virtual): string | null {
  return endpoint.protocol === 'fwm' ? null : endpoint.host.name;
}
