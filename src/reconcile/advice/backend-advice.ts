/** What the backend that is to hold the table cannot do of what a configuration asks for. */

import type { Diagnostic } from '../../config/diagnostics/diagnostics.js';
import { type SaidOnce, sayOnce } from '../../config/diagnostics/said-once.js';
import { type Capabilities, capabilitiesOf } from '../../ipvs/capabilities.js';
import { unsupported } from '../../ipvs/refusal.js';
import type { Config, Span } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import type { Work } from '../../slices.js';
import { serviceOf } from '../desired.js';

/** What has no address yet is not judged. */
export function* adviseOnBackend(config: Config, can: Capabilities): Work<Diagnostic[]> {
  const found = missesOf(can).flatMap((miss) => sayOnce(config, miss));
  for (const virtual of config.virtuals) {
    if (virtual.checkpath === 'forwarded') found.push(...onPath(spanIn(config, virtual), can));
    const service = serviceOf(virtual);
    const refused = service && unsupported(service, can);
    if (refused) {
      const message = `the ${can.name} backend will refuse this virtual service: ${refused.message} (${refused.code})`;
      found.push({ severity: 'warning', code: 'backend-refuses', message, span: spanIn(config, virtual) });
    }
    yield;
  }
  return found;
}

/** A table that nothing goes by is to show what the kernel would do of the same file. */
function onPath(span: Span, { name, passes }: Capabilities): Diagnostic[] {
  if (passes === 'packets') return [];
  const code = 'wrong-checkpath';
  if (passes === 'nothing') {
    const message = `with the ${name} backend nothing is forwarded: whoever has the address of the service is checked`;
    return [{ severity: 'warning', code, message, span }];
  }
  const message = `the ${name} balancer connects to real servers as a direct check does: leave checkpath out`;
  return [{ severity: 'error', code, message, span }];
}

/** What it takes and carries out differently. Where nothing passes, nothing of this matters. */
function missesOf({ name, passes, forwarding, proxyProtocol, outlives }: Capabilities): SaidOnce[] {
  if (passes === 'nothing') return [];
  const misses: SaidOnce[] = [];
  const alike = capabilitiesOf('kernel').forwarding.filter((method) => !forwarding.includes(method));
  if (alike.length > 0) {
    const why = `the ${name} balancer connects to real servers itself, and they see the director's address`;
    misses.push({
      code: 'useless-forwarding',
      message: `${alike.join(' and ')} forward as ${forwarding.join(', ')} does: ${why}`,
      isMeant: ({ realServers }) => realServers.some(({ forward }) => alike.includes(forward)),
    });
  }
  if (passes === 'streams') {
    misses.push({
      code: 'useless-snat',
      message: `snat has no effect: servers see the ${name} balancer's own address anyway`,
      isMeant: ({ snat }) => snat,
    });
  }
  if (!proxyProtocol) {
    misses.push({
      code: 'useless-proxyprotocol',
      message: `proxyprotocol has no effect: the ${name} backend leaves streams as they are`,
      isMeant: ({ proxyprotocol }) => proxyprotocol !== 'none',
    });
  }
  if (!outlives) {
    misses.push({
      code: 'useless-cleanstop',
      message: `cleanstop=no has no effect: what the ${name} balancer serves ends with its process`,
      isMeant: ({ cleanstop }) => !cleanstop,
    });
  }
  return misses;
}
