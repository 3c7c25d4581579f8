/** Services whose probe needs a package that is not installed: a file that asks for one is refused, by name. */

import { createRequire } from 'node:module';
import { isNegotiated } from '../config/check-types.js';
import type { Diagnostic } from '../config/diagnostics/diagnostics.js';
import { checkedViews } from '../config/fallback-checks.js';
import { type ServiceName, services } from '../config/services.js';
import type { Config, Span, Virtual } from '../model/config.js';
import { spanIn } from '../model/section-span.js';
import type { Work } from '../slices.js';
import { settle } from './check.js';

/** The package that checks of a service need and that is not there; null where it is, or none is needed. */
export function missingPackage(service: ServiceName): string | null {
  const needed = services[service].package;
  if (needed === null || needed.included) return null;
  try {
    createRequire(import.meta.url).resolve(needed.name);
    return null;
  } catch {
    return needed.name;
  }
}

export function* refusals(config: Config): Work<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const virtual of config.virtuals) {
    for (const view of checkedViews(virtual)) if (settle(view) === null) found.push(...refusalsOf(view, config));
    yield;
  }
  return found;
}

function refusalsOf(virtual: Virtual, config: Config): Diagnostic[] {
  const { checktype, service, require } = virtual;
  return [
    ...(isNegotiated(checktype)
      ? lackOf(service, `service=${service}`, 'choose another checktype', spanIn(config, virtual))
      : []),
    ...require.flatMap(({ kind, span: place }) => {
      if (kind === 'connect' || kind === 'ping') return [];
      return lackOf(kind, `require=${kind}`, 'take this check out', spanIn(config, virtual, place));
    }),
  ];
}

function lackOf(service: ServiceName, who: string, otherwise: string, span: Span): Diagnostic[] {
  const lacking = missingPackage(service);
  if (lacking === null) return [];
  const message = `${who} needs the package ${lacking}, which is not installed: run "npm install ${lacking}" where ldirectord is installed, or ${otherwise}`;
  return [{ severity: 'error', code: 'missing-package', message, span }];
}
