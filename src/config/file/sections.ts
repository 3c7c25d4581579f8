/** The sections of a file while it is read. */

import type { Fallback, Family, Span } from '../../model/config.js';
import { carriedBy } from '../../model/endpoint.js';
import type { ServicePorts } from '../../system/port-names.js';
import type { Draft, Keyword } from './directives.js';
import { completeFallback, countedFallbacks, noteReplaced, useOfFallbacks } from './fallback.js';
import { type Line, lineSpan } from './lines.js';
import type { Context, SectionFacts, ValueRefusal } from './reading.js';
import { type CompleteVirtual, completeVirtual } from './virtual-address.js';

/** A virtual service as far as it has been read. */
export interface Section {
  readonly family: Family;
  readonly draft: Draft;
  /** The line that opened it. */
  readonly line: Line;
  readonly span: Span;
  /** Where each directive was set last. */
  readonly places: Map<Keyword, Span>;
  /** Directives of which a line was wrong. */
  readonly refused: Set<Keyword>;
  /** Errors in real servers, which the reference reports last. */
  readonly heldBack: ValueRefusal[];
  /** Null until the section is complete, and where its address is wrong. */
  complete: CompleteSection | null;
}

export interface CompleteSection extends CompleteVirtual {
  readonly fallbacks: readonly Fallback[];
}

export function openSection(family: Family, draft: Draft, line: Line): Section {
  return {
    family,
    draft,
    line,
    span: lineSpan(line),
    places: new Map(),
    refused: new Set(),
    heldBack: [],
    complete: null,
  };
}

/** What is known of a section from the lines so far. */
export function sectionFacts({ draft, family }: Section): SectionFacts {
  const written = family === 'inet6' ? draft.virtual6 : draft.virtual;
  const isBare = written !== undefined && 'bare' in written;
  if (written !== undefined && !('port' in written)) return { family, protocol: 'fwm', portText: '0', isBare };
  const { protocol = written?.defaultProtocol ?? 'tcp' } = draft;
  return { family, protocol: protocol === 'tcp,udp' ? 'fwm' : protocol, portText: written?.port.text ?? '0', isBare };
}

/**
 * What can be judged only where a section ends, in the reference's order: the fallback, the address of the
 * service, the real servers. A fallback that a later line replaces is never judged. `global` is what the global
 * section says.
 */
export function completeSection(
  section: Section,
  global: Draft,
  services: ServicePorts,
  note: Context['note'],
): ValueRefusal[] {
  const { draft, family, heldBack } = section;
  const written = family === 'inet6' ? draft.virtual6 : draft.virtual;
  if (written === undefined) return heldBack;
  const refusals: ValueRefusal[] = [];
  const facts = sectionFacts(section);
  const lines = (family === 'inet6' ? draft.fallback6 : draft.fallback) ?? [];
  const fallbacks: Fallback[] = [];
  const counted = countedFallbacks(lines, useOfFallbacks(draft, global));
  noteReplaced(lines.slice(0, -counted.length), note);
  for (const line of counted) {
    const outcome = completeFallback(line, facts, services, note);
    if (outcome.ok) fallbacks.push(outcome.value);
    else refusals.push(outcome);
  }
  // Without its ports an address would be something else.
  if (section.refused.has('ports')) return [...refusals, ...heldBack];
  const virtual = completeVirtual(written, draft, services, note);
  if (!virtual.ok) refusals.push(virtual);
  else section.complete = { ...virtual.value, fallbacks };
  return [...refusals, ...heldBack];
}

/**
 * Equal for two sections that the reference takes for one service: it compares ports and marks as text. Null for what it
 * does not know.
 */
export function writtenKey({ complete, draft, family }: Section): string | null {
  if (complete === null) return null;
  const { endpoint, portText } = complete;
  if (carriedBy(endpoint) !== null) return null;
  if (endpoint.protocol !== 'fwm') {
    // A name has another address in each family.
    const { address, name } = endpoint.host;
    return `${endpoint.protocol} ${address ?? `${family} ${name}`}:${portText}`;
  }
  const written = family === 'inet6' ? draft.virtual6 : draft.virtual;
  return `fwm ${family} ${written !== undefined && 'mark' in written ? written.mark : ''}`;
}
