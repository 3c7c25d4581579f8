/**
 * What people write and the reference rejects, though it is clear what they mean. A line is mended and
 * then read by the strict grammar, so that no mend can give it a meaning that the grammar does not know.
 */

import type { Span } from '../../model/config.js';
import type { Work } from '../../slices.js';
import type { ServicePorts } from '../../system/port-names.js';
import { type Assignment, type Directive, directiveOf } from './directives.js';
import { expandedFieldOf, fieldOf, type Line, lineSpan } from './lines.js';
import type { Context, Note, ValueRefusal } from './reading.js';
import { type Section, sectionFacts } from './sections.js';
import { notADirective, outsideSection, unknownDirective, wrongFamily } from './strict.js';
import { mendValue, withoutComment } from './value-mends.js';

export interface Situation {
  readonly open: Section | null;
  /** The virtual service above, whether or not its section has ended. */
  readonly last: Section | null;
  /** Whether the line is part of a section without indentation. */
  readonly unindented: boolean;
  readonly services: ServicePorts;
}

export interface Mended {
  readonly ok: true;
  readonly directive: Directive;
  readonly keyword: Span;
  /** Null for the global section. */
  readonly section: Section | null;
  /** Whether the line stands at the left margin, where a global directive ends a section. */
  readonly atMargin: boolean;
  readonly assignment: Assignment;
  readonly notes: readonly Note[];
}

export interface Unmended {
  readonly ok: false;
  readonly refusal: ValueRefusal;
  /** Null where the line is no directive at all. */
  readonly directive: Directive | null;
}

/** Reads a line that the strict grammar refused, or that stands in a section without indentation. */
export function mend(line: Line, situation: Situation): Mended | Unmended {
  const shape = /^([ \t\v\f\r]*)([A-Za-z]\w*)[ \t\v\f\r]*=[ \t\v\f\r]*/.exec(line.text);
  if (shape === null) return { ok: false, refusal: notADirective(withoutComment(fieldOf(line, 0))), directive: null };
  const [matched, indent = '', written = ''] = shape;
  const keyword = fieldOf(line, indent.length, indent.length + written.length).span();
  const directive = directiveOf(written) ?? directiveOf(written.toLowerCase());
  if (directive === undefined) return { ok: false, refusal: unknownDirective(written, keyword), directive: null };
  const notes: Note[] = [];
  const place = placeOf(directive, indent, line, situation);
  if (place === null) return { ok: false, refusal: outsideSection(directive, keyword), directive };
  if (place.note !== undefined) notes.push(place.note);
  if (directive.keyword !== written) {
    notes.push({ code: 'capitals', message: `read as "${directive.keyword}"`, span: keyword });
  }
  const { section } = place;
  const misplaced = section === null ? null : wrongFamily(directive, section.family, keyword);
  if (misplaced !== null) return { ok: false, refusal: misplaced, directive };

  const facts = section === null ? null : sectionFacts(section);
  const context: Omit<Context, 'note'> = { section: facts, services: situation.services, extensions: true };
  const value = section === null ? fieldOf(line, matched.length) : expandedFieldOf(line, matched.length);
  const outcome = mendValue(directive, value, context);
  if (!outcome.ok) return { ok: false, refusal: outcome, directive };
  notes.push(...outcome.notes);
  return { ok: true, directive, keyword, section, atMargin: indent === '', assignment: outcome.assignment, notes };
}

interface Place {
  readonly section: Section | null;
  readonly note?: Note;
}

/** Which section a line belongs to; null where it needs one and there is none above. */
function placeOf(directive: Directive, indent: string, line: Line, situation: Situation): Place | null {
  const { open, last, unindented } = situation;
  const margin = fieldOf(line, 0, Math.max(1, indent.length)).span();
  const above = open ?? last;
  const wanted = directive.scope === 'virtual' || (directive.scope === 'both' && (indent !== '' || unindented));
  if (!wanted || (above === null && directive.scope === 'both')) {
    if (indent === '') return { section: null };
    const message = 'this belongs at the beginning of the line: read as if it stood there';
    return { section: null, note: { code: 'indented-global', message, span: margin } };
  }
  if (above === null) return null;
  const owner = `read as part of the virtual service in line ${above.line.number}`;
  if (indent === '') {
    const message = `the line is not indented by a tab or four blanks: ${owner}`;
    return {
      section: above,
      note: { code: 'no-indentation', message, span: fieldOf(line, 0, directive.keyword.length).span() },
    };
  }
  if (open === null) {
    const message = `the section ended above this line: ${owner}`;
    return { section: above, note: { code: 'detached-line', message, span: margin } };
  }
  if (/^ {4}|^ {0,3}\t/.test(indent)) return { section: above };
  const message = `a section is indented by a tab or at least four blanks: ${owner}`;
  return { section: above, note: { code: 'short-indentation', message, span: margin } };
}

/**
 * The lines of sections without indentation, by number. Such a section lasts from its `virtual` line to
 * the next blank line or `virtual`, and one of its lines at the margin can belong to a virtual alone.
 */
export function* unindentedSections(lines: readonly Line[]): Work<ReadonlySet<number>> {
  const found = new Set<number>();
  let block: number[] | null = null;
  let unindented = false;
  const end = (): void => {
    if (block !== null && unindented) for (const number of block) found.add(number);
    block = null;
    unindented = false;
  };
  for (const { text, number } of lines) {
    yield;
    const keyword = /^[ \t]*([A-Za-z]\w*)[ \t\v\f\r]*=/.exec(text)?.[1]?.toLowerCase();
    const opens = keyword === 'virtual' || keyword === 'virtual6';
    if (opens || /^[ \t\v\f\r]*$/.test(text)) end();
    if (opens) block = [];
    else if (block !== null) {
      block.push(number);
      if (keyword !== undefined && /^[A-Za-z]/.test(text) && directiveOf(keyword)?.scope === 'virtual')
        unindented = true;
    }
  }
  end();
  return found;
}

/** Takes a byte order mark off, which editors on Windows put before the first line. */
export function mendFirstLine(line: Line): { readonly line: Line; readonly note: Note } | null {
  if (!line.text.startsWith('\ufeff')) return null;
  const without = { ...line, text: line.text.slice(1) };
  const message = 'the file begins with a byte order mark, which is passed over';
  return { line: without, note: { code: 'byte-order-mark', message, span: { ...lineSpan(without), length: 1 } } };
}
