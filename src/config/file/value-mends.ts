/** Mends of values: blanks, comments, quotes and capitals that the reference does not forgive. */

import type { Assignment, Directive } from './directives.js';
import { type Field, subfield, trimBlanks } from './lines.js';
import type { Context, Note, ValueRefusal } from './reading.js';

export type MendedValue =
  | { readonly ok: true; readonly assignment: Assignment; readonly notes: readonly Note[] }
  | ValueRefusal;

type Mend = (field: Field, directive: Directive) => { readonly field: Field; readonly note: Note } | null;

/**
 * Reads a value, mending it step by step until the directive's reader accepts it: first as the reference sees
 * it, then without blanks and comments, which no value means. The refusal is that of the value without them.
 */
export function mendValue(directive: Directive, value: Field, context: Omit<Context, 'note'>): MendedValue {
  if (directive.keyword === 'protocol' && context.section?.protocol !== 'fwm' && /^\W*fwm\b/i.test(value.text)) {
    return protocolKept(value, context.section?.protocol ?? 'tcp');
  }
  const clean = cleanValue(directive, value, context);
  const seen = readAsReference(value, clean, context);
  const asSeen = context.section === null ? attempt(seen, directive, context) : mendFrom(seen, directive, context);
  return asSeen.ok ? asSeen : mendFrom(clean, directive, context);
}

interface Attempt {
  readonly field: Field;
  readonly notes: readonly Note[];
}

function mendFrom(start: Attempt, directive: Directive, context: Omit<Context, 'note'>): MendedValue {
  const first = attempt(start, directive, context);
  let current = start;
  for (const mend of [otherQuotes, missingQuotes, needlessQuotes, capitals]) {
    const mended = mend(current.field, directive);
    if (mended === null) continue;
    current = { field: mended.field, notes: [...current.notes, mended.note] };
    const next = attempt(current, directive, context);
    if (!first.ok && next.ok) return next;
  }
  return first;
}

function attempt({ field, notes }: Attempt, directive: Directive, context: Omit<Context, 'note'>): MendedValue {
  const found: Note[] = [];
  const note: Context['note'] = (code, message, span) => void found.push({ code, message, span });
  const outcome = directive.read(field, { ...context, note });
  return outcome.ok ? { ok: true, assignment: outcome.value, notes: [...notes, ...found] } : outcome;
}

/** In a section the reference cuts off comments itself; a `#` in a string is not let go as one. */
function readAsReference(value: Field, clean: Attempt, context: Omit<Context, 'note'>): Attempt {
  const hash = context.section === null ? -1 : value.text.indexOf('#');
  if (hash < 0) return { field: value, notes: [] };
  return clean.field.text.includes('#') ? clean : { field: subfield(value, 0, hash), notes: [] };
}

function cleanValue(directive: Directive, value: Field, context: Omit<Context, 'note'>): Attempt {
  let field = value;
  const notes: Note[] = [];
  for (const mend of [carriageReturn, trailingComment, trailingBlanks]) {
    const mended = mend(field, directive);
    if (mended === null) continue;
    field = mended.field;
    notes.push(mended.note);
  }
  const hash = field.text.indexOf('#');
  if (context.section !== null && hash >= 0) {
    const message = 'the reference takes this for the beginning of a comment; here it is part of the string';
    notes.push({ code: 'hash-in-string', message, span: field.span(hash, 1) });
  }
  return { field, notes };
}

function protocolKept(value: Field, protocol: string): MendedValue {
  const message = `"fwm" is for firewall marks; this service has an address, so ${protocol} is kept`;
  const note: Note = { code: 'protocol-fwm', message, span: withoutComment(value).span() };
  return { ok: true, assignment: () => {}, notes: [note] };
}

const carriageReturn: Mend = (field) => {
  if (!field.text.endsWith('\r')) return null;
  const at = field.text.length - 1;
  const message = 'lines end in carriage returns, as on Windows; they are passed over';
  return { field: subfield(field, 0, at), note: { code: 'carriage-return', message, span: field.span(at, 1) } };
};

const trailingComment: Mend = (field, directive) => {
  // In a string that lacks its quotes, a `#` right after a letter is part of it.
  const kept = withoutComment(field, directive.quoted && !/^["'\u2018\u201c]/.test(field.text));
  if (kept.text.length === trimBlanks(field.text).length) return null;
  const hash = field.text.indexOf('#', kept.text.length);
  const message = 'a comment needs a line of its own; it is passed over here';
  return { field: kept, note: { code: 'trailing-comment', message, span: field.span(hash) } };
};

const trailingBlanks: Mend = (field) => {
  const length = trimBlanks(field.text).length;
  if (length === field.text.length) return null;
  const message = 'blanks at the end of the line are passed over';
  return { field: subfield(field, 0, length), note: { code: 'trailing-blanks', message, span: field.span(length) } };
};

const smartDouble = /[\u201c\u201d\u201e\u201f]/g;
const smartSingle = /[\u2018\u2019\u201a\u201b]/g;

const otherQuotes: Mend = (field) => {
  const straight = field.text.replace(smartDouble, '"').replace(smartSingle, "'");
  const text =
    straight.startsWith("'") || / '/.test(straight)
      ? straight.replace(/(^|[ ,])'(.*?)'(?=$|[ ,])/g, '$1"$2"')
      : straight;
  if (text === field.text) return null;
  const at = field.text.search(/['\u2018-\u201f]/);
  const smart = straight !== field.text;
  const message = `${smart ? 'typographic' : 'single'} quotes are read as double quotes`;
  const note: Note = { code: smart ? 'smart-quotes' : 'single-quotes', message, span: field.span(at) };
  return { field: { text, span: field.span }, note };
};

const missingQuotes: Mend = (field, directive) => {
  if (!directive.quoted || field.text === '' || field.text.includes('"')) return null;
  const note: Note = { code: 'unquoted-string', message: 'read as if it stood in double quotes', span: field.span() };
  return { field: { text: `"${field.text}"`, span: (offset = 0, length) => shift(field, offset, length) }, note };
};

/** The place of characters of a field once a quote stands before it. */
function shift(field: Field, offset: number, length = field.text.length + 2 - offset): ReturnType<Field['span']> {
  const from = Math.max(0, offset - 1);
  const to = Math.min(field.text.length, offset + length - 1);
  return field.span(from, Math.max(0, to - from));
}

const needlessQuotes: Mend = (field, directive) => {
  const inner = /^"([^"]*)"$/.exec(field.text)?.[1];
  if (directive.quoted || inner === undefined) return null;
  const note: Note = { code: 'quoted-value', message: 'read as if it stood without quotes', span: field.span() };
  return { field: subfield(field, 1, 1 + inner.length), note };
};

const capitals: Mend = (field, directive) => {
  if (!directive.word) return null;
  const server = /^(?:real|fallback)6?$/.test(directive.keyword);
  const match = server ? /(?<=[ \t\v\f\r]\W*)(?:gate|masq|ipip)\b/i.exec(field.text) : /[A-Z].*/s.exec(field.text);
  if (match === null || !/[A-Z]/.test(match[0])) return null;
  const lower = match[0].toLowerCase();
  const text = field.text.slice(0, match.index) + lower + field.text.slice(match.index + lower.length);
  const note: Note = { code: 'capitals', message: `read as "${lower}"`, span: field.span(match.index, lower.length) };
  return { field: { text, span: field.span }, note };
};

/** Without what follows a `#` outside quotes, and without blanks at the end. */
export function withoutComment(field: Field, afterBlank = false): Field {
  return subfield(field, 0, trimBlanks(field.text.slice(0, commentStart(field.text, afterBlank))).length);
}

function commentStart(text: string, afterBlank: boolean): number {
  // A string, whatever its quotes, with nothing but a comment after it.
  const string = /^(["'\u2018\u201c])(?:.*?)(["'\u2019\u201d])[ \t\v\f\r]*(?:#|$)/s.exec(text);
  if (string !== null && closes(string[1] ?? '', string[2] ?? '')) {
    const end = string[0].length;
    return string[0].endsWith('#') ? end - 1 : end;
  }
  let inQuotes = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') inQuotes = !inQuotes;
    if (character === '#' && !inQuotes && (!afterBlank || /[ \t]/.test(text[index - 1] ?? ' '))) return index;
  }
  return text.length;
}

function closes(open: string, close: string): boolean {
  return open === close || (open === '\u2018' && close === '\u2019') || (open === '\u201c' && close === '\u201d');
}
