/** The grammar of the reference: what one line says, given whether a section is open. */

import type { Family, Span } from '../../model/config.js';
import { type Directive, directiveOf, nearestKeyword } from './directives.js';
import { expandedFieldOf, type Field, fieldOf, type Line, lineSpan, subfield } from './lines.js';
import { refuse, type ValueRefusal } from './reading.js';
import type { Section } from './sections.js';

export interface Assigned {
  readonly kind: 'directive';
  readonly directive: Directive;
  readonly keyword: Span;
  readonly value: Field;
  /** Null for the global section. */
  readonly section: Section | null;
  /** A `#` in a quoted string, where the reference ends the line all the same. */
  readonly cut: Span | null;
}

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: ValueRefusal;
  /** Whether the line has the form of one in the open section; any other line ends that. */
  readonly inSection: boolean;
}

export type Statement =
  | { readonly kind: 'comment' }
  | { readonly kind: 'blank' }
  | { readonly kind: 'bare-supervised'; readonly span: Span }
  | Refused
  | Assigned;

/**
 * A line of a section begins with four blanks or a tab; a tab is as good as four blanks anywhere. In a
 * section everything from the first `#` on is a comment, even in quotes. Any other line ends the section.
 * Without `extensions` a directive that the reference does not know is refused as it refuses it.
 */
export function readStrictly(line: Line, open: Section | null, extensions: boolean): Statement {
  const { text } = line;
  if (/^[ \t\v\f\r]*#/.test(text)) return { kind: 'comment' };
  const hash = text.indexOf('#');
  const body = hash < 0 ? text : text.slice(0, hash);
  if (open !== null && isBody(body)) return inSection(line, body, open, extensions);
  if (/^[ \t\v\f\r]*$/.test(text)) return { kind: 'blank' };
  if (/^supervised[ \t\v\f\r]*$/.test(text)) return { kind: 'bare-supervised', span: lineSpan(line) };
  const match = /^([A-Za-z]\w*)[ \t\v\f\r]*=[ \t\v\f\r]*/.exec(text);
  const keyword = match?.[1];
  if (match === null || keyword === undefined) return refuseStrictly(notADirective(fieldOf(line, 0)), false);
  const directive = directiveOf(keyword);
  const span = fieldOf(line, 0, keyword.length).span();
  if (directive === undefined) return refuseStrictly(unknownDirective(keyword, span), false);
  if (directive.extension && !extensions) return refuseStrictly(extensionDirective(keyword, span), false);
  if (directive.scope === 'virtual') return refuseStrictly(outsideSection(directive, span), false);
  return {
    kind: 'directive',
    directive,
    keyword: span,
    value: fieldOf(line, match[0].length),
    section: null,
    cut: null,
  };
}

// Once tabs are expanded, at least one character must follow the four blanks.
function isBody(text: string): boolean {
  const match = /^(?: {4}| {0,3}\t)/.exec(text);
  return match !== null && (text.length > match[0].length || / \t/.test(match[0]));
}

function inSection(line: Line, body: string, open: Section, extensions: boolean): Statement {
  const match = /^([ \t]+)([A-Za-z]\w*)[ \t\v\f\r]*=[ \t\v\f\r]*/.exec(body);
  if (match === null) return refuseStrictly(notADirective(fieldOf(line, 0)), true);
  const [matched, indent = '', keyword = ''] = match;
  const directive = directiveOf(keyword);
  const span = fieldOf(line, indent.length, indent.length + keyword.length).span();
  if (directive === undefined) return refuseStrictly(unknownDirective(keyword, span), true);
  if (directive.extension && !extensions) return refuseStrictly(extensionDirective(keyword, span), true);
  const misplaced = globalOnly(directive, span) ?? wrongFamily(directive, open.family, span);
  if (misplaced !== null) return refuseStrictly(misplaced, true);
  const value = expandedFieldOf(line, matched.length, body.length);
  const inString = body.length < line.text.length && body.split('"').length % 2 === 0;
  const cut = inString ? fieldOf(line, body.length, body.length + 1).span() : null;
  return { kind: 'directive', directive, keyword: span, value, section: open, cut };
}

function refuseStrictly(refusal: ValueRefusal, inSection: boolean): Refused {
  return { kind: 'refused', refusal, inSection };
}

/** `text` is the line, or what counts of it. */
export function notADirective(text: Field): ValueRefusal {
  const lead = text.text.length - text.text.trimStart().length;
  const shown = subfield(text, lead, Math.max(lead, text.text.trimEnd().length));
  const [word = ''] = /^[A-Za-z]\w*/.exec(shown.text) ?? [];
  const known = directiveOf(word.toLowerCase());
  const hint = known === undefined ? 'a line is DIRECTIVE = VALUE' : `write "${known.keyword} = VALUE"`;
  return refuse('not-a-directive', `this is no directive: ${hint}`, shown.span());
}

/** What earlier versions of the reference knew, and what took its place. */
const removed: ReadonlyMap<string, string> = new Map([
  ['timeout', 'checktimeout or negotiatetimeout'],
  ['connecttimeout', 'negotiatetimeout'],
]);

export function unknownDirective(keyword: string, span: Span): ValueRefusal {
  const instead = removed.get(keyword);
  if (instead !== undefined) return refuse('removed-directive', `"${keyword}" is gone: write ${instead}`, span);
  const near = nearestKeyword(keyword);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return refuse('unknown-directive', `there is no directive "${keyword}"${hint}`, span);
}

function extensionDirective(keyword: string, span: Span): ValueRefusal {
  const message = `"${keyword}" is an extension, which strict mode refuses: take it out, or leave out --strict`;
  return refuse('extension', message, span);
}

export function outsideSection(directive: Directive, span: Span): ValueRefusal {
  const message = `"${directive.keyword}" belongs in the section of a virtual service: put it below a virtual line, indented`;
  return refuse('outside-section', message, span);
}

function globalOnly(directive: Directive, span: Span): ValueRefusal | null {
  if (directive.scope !== 'global') return null;
  const message = `"${directive.keyword}" does not belong in a section: put it at the beginning of a line`;
  return refuse('global-in-section', message, span);
}

export function wrongFamily(directive: Directive, family: Family, span: Span): ValueRefusal | null {
  const { keyword } = directive;
  if (!/^(?:real|fallback)6?$/.test(keyword) || keyword.endsWith('6') === (family === 'inet6')) return null;
  const right = family === 'inet6' ? `${keyword}6` : keyword.slice(0, -1);
  const opening = family === 'inet6' ? 'virtual6' : 'virtual';
  return refuse('wrong-family', `below "${opening}" write "${right}" instead of "${keyword}"`, span);
}
