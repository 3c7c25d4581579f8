/** What of a feedback agent has no effect, or another one than it seems. */

import type { Span, Virtual } from '../../model/config.js';
import { spanAsRead } from '../../model/section-span.js';
import { missingSlotFlag } from '../../model/slots.js';
import type { Section } from '../file/sections.js';
import { growing, growthRefusals } from './by-weight.js';
import type { WarningCode } from './codes.js';
import type { Diagnostic } from './diagnostics.js';

export function adviseOnAgents(virtual: Virtual, section: Section | undefined): Diagnostic[] {
  const { agent, scheduler, quiescent, slowstart, realServers, span } = virtual;
  const places = section?.places;
  const found: Diagnostic[] = [];
  const warn = (code: WarningCode, message: string, place: Span = spanAsRead(span)): void =>
    void found.push({ severity: 'warning', code, message, span: place });
  if (agent === null) {
    const useless = (['agentinterval', 'agentmaxage'] as const).find((keyword) => places?.has(keyword));
    if (useless !== undefined) warn('useless-agent', `${useless} has no effect without agent`, places?.get(useless));
    return found;
  }
  const refusal = growthRefusals.get(scheduler);
  if (refusal !== undefined) {
    const advice = `scheduler=${scheduler} ${refusal}: a share that the agent says is for ${growing.join(', ')}`;
    warn('unweighted-agent', advice, places?.get('agent'));
  } else if (slowstart === 0 && realServers.some(({ weight }) => weight === 1)) {
    const advice = 'a weight of 1 cannot be shared: give the real servers larger ones, as 100';
    warn('weight-too-small', advice, places?.get('agent'));
  }
  const slotFlag = quiescent ? null : missingSlotFlag(virtual);
  if (slotFlag !== null) {
    const advice = `${scheduler} drops the clients of a server that its agent drains: set schedflags=${slotFlag}`;
    warn('slots-kept', advice, places?.get('scheduler'));
  }
  return found;
}
