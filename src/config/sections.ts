/** The sections of a file while it is read. */

import type { Draft, Keyword } from './directives.js';
import { type Line, lineSpan } from './lines.js';
import type { Endpoint, Family, Host, Span } from './model.js';
import type { SectionFacts } from './reading.js';

/** A virtual service as far as it has been read. */
export interface Section {
  readonly family: Family;
  readonly draft: Draft;
  /** The line that opened it. */
  readonly line: Line;
  readonly span: Span;
  /** Where each directive was set last. */
  readonly places: Map<Keyword, Span>;
  /** Null where the opening line is wrong: what follows is still read, for its errors. */
  readonly address: { readonly endpoint: Endpoint; readonly portText: string; readonly markText: string } | null;
}

export function openSection(family: Family, draft: Draft, line: Line): Section {
  const address = (family === 'inet6' ? draft.virtual6 : draft.virtual) ?? null;
  return { family, draft, line, span: lineSpan(line), places: new Map(), address };
}

export function sectionFacts(section: Section): SectionFacts {
  return {
    family: section.family,
    protocol: section.draft.protocol ?? section.address?.endpoint.protocol ?? 'tcp',
    portText: section.address?.portText ?? '0',
  };
}

/** Equal for two sections that the reference takes for one service: it compares ports and marks as text. */
export function writtenKey(section: Section): string | null {
  if (section.address === null) return null;
  const { endpoint, portText, markText } = section.address;
  const { protocol } = sectionFacts(section);
  return endpoint.protocol === 'fwm'
    ? `fwm ${section.family} ${markText}`
    : `${protocol} ${hostKey(endpoint.host)}:${portText}`;
}

function hostKey(host: Host): string {
  return host.address ?? host.name;
}
