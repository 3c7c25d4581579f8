/** Mends of values: blanks, comments, quotes and capitals that the reference does not forgive. */

import type { Assignment, Directive } from './directives.js';
import { type Field, subfield, trimBlanks } from './lines.js';
import type { Context, Note, Refusal } from './reading.js';

export type MendedValue =
  | { readonly ok: true; readonly assignment: Assignment; readonly notes: readonly Note[] }
  | Refusal;

type Mend = (field: Field, directive: Directive) => { readonly field: Field; readonly note: Note } | null;

/**
 * Blanks and comments are taken off at once, since no value means them; the other mends follow one by one
 * until the directive's reader accepts. The refusal is that of the value without blanks and comments.
 */
export function mendValue(directive: Directive, value: Field, context: Omit<Context, 'note'>): MendedValue {
  if (directive.keyword === 'protocol' && context.section?.protocol !== 'fwm' && /^\W*fwm\b/i.test(value.text)) {
    return protocolKept(value, context.section?.protocol ?? 'tcp');
  }
  const notes: Note[] = [];
  const step = (mend: Mend): boolean => {
    const mended = mend(field, directive);
    if (mended === null) return false;
    field = mended.field;
    notes.push(mended.note);
    return true;
  };
  const attempt = (): MendedValue => {
    const found: Note[] = [];
    const note = (code: string, message: string, span: Note['span']) => void found.push({ code, message, span });
    const outcome = directive.read(field, { ...context, note });
    return outcome.ok ? { ok: true, assignment: outcome.value, notes: [...notes, ...found] } : outcome;
  };
  let field = value;
  for (const mend of [carriageReturn, trailingComment, trailingBlanks]) step(mend);
  keepsHash(field, context, notes);
  const first = attempt();
  if (first.ok) return first;
  for (const mend of [otherQuotes, missingQuotes, needlessQuotes, capitals]) {
    if (!step(mend)) continue;
    const next = attempt();
    if (next.ok) return next;
  }
  return first;
}

function protocolKept(value: Field, protocol: string): MendedValue {
  const message = `"fwm" is for firewall marks; this service has an address, so ${protocol} is kept`;
  const note = { code: 'protocol-fwm', message, span: withoutComment(value).span() };
  return { ok: true, assignment: () => {}, notes: [note] };
}

const carriageReturn: Mend = (field) => {
  if (!field.text.endsWith('\r')) return null;
  const at = field.text.length - 1;
  const message = 'lines end in carriage returns, as on Windows; they are passed over';
  return { field: subfield(field, 0, at), note: { code: 'carriage-return', message, span: field.span(at, 1) } };
};

const trailingComment: Mend = (field) => {
  const kept = withoutComment(field);
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

/** In a section the reference cuts a line at a `#` even in quotes, so such a string is otherwise lost. */
function keepsHash(field: Field, context: Omit<Context, 'note'>, notes: Note[]): void {
  const hash = field.text.indexOf('#');
  if (context.section === null || hash < 0) return;
  const message = 'the reference takes this for the beginning of a comment; here it is part of the string';
  notes.push({ code: 'hash-in-string', message, span: field.span(hash, 1) });
}

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
  const note = { code: smart ? 'smart-quotes' : 'single-quotes', message, span: field.span(at) };
  return { field: { text, span: field.span }, note };
};

const missingQuotes: Mend = (field, directive) => {
  if (!directive.quoted || field.text === '' || field.text.includes('"')) return null;
  const note = { code: 'unquoted-string', message: 'read as if it stood in double quotes', span: field.span() };
  return { field: { text: `"${field.text}"`, span: (offset = 0, length) => shifted(field, offset, length) }, note };
};

/** The place of characters of a field once a quote stands before it. */
function shifted(field: Field, offset: number, length = field.text.length + 2 - offset): ReturnType<Field['span']> {
  const from = Math.max(0, offset - 1);
  const to = Math.min(field.text.length, offset + length - 1);
  return field.span(from, Math.max(0, to - from));
}

const needlessQuotes: Mend = (field, directive) => {
  const inner = /^"([^"]*)"$/.exec(field.text)?.[1];
  if (directive.quoted || inner === undefined) return null;
  const note = { code: 'quoted-value', message: 'read as if it stood without quotes', span: field.span() };
  return { field: subfield(field, 1, 1 + inner.length), note };
};

const capitals: Mend = (field, directive) => {
  if (!directive.word) return null;
  const server = /^(?:real|fallback)/.test(directive.keyword);
  const match = server ? /(?<=[ \t\v\f\r]\W*)(?:gate|masq|ipip)\b/i.exec(field.text) : /[A-Z].*/s.exec(field.text);
  if (match === null || !/[A-Z]/.test(match[0])) return null;
  const lower = match[0].toLowerCase();
  const text = field.text.slice(0, match.index) + lower + field.text.slice(match.index + lower.length);
  const note = { code: 'capitals', message: `read as "${lower}"`, span: field.span(match.index, lower.length) };
  return { field: { text, span: field.span }, note };
};

/** Without what follows a `#` outside quotes, and without blanks at the end. */
export function withoutComment(field: Field): Field {
  return subfield(field, 0, trimBlanks(field.text.slice(0, commentStart(field.text))).length);
}

function commentStart(text: string): number {
  // A string, whatever its quotes, with nothing but a comment after it.
  const string = /^(["'\u2018\u201c])(?:.*?)(["'\u2019\u201d])[ \t\v\f\r]*(?:#|$)/s.exec(text);
  if (string !== null && closes(string[1] ?? '', string[2] ?? '')) {
    const end = string[0].length;
    return string[0].endsWith('#') ? end - 1 : end;
  }
  let inQuotes = false;
  for (const [index, character] of [...text].entries()) {
    if (character === '"') inQuotes = !inQuotes;
    if (character === '#' && !inQuotes) return index;
  }
  return text.length;
}

function closes(open: string, close: string): boolean {
  return open === close || (open === '\u2018' && close === '\u2019') || (open === '\u201c' && close === '\u201d');
}
