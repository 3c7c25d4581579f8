/** Goes through the lines of a file and collects what they set. */

import type { Family, Span } from '../../model/config.js';
import type { Work } from '../../slices.js';
import type { ServicePorts } from '../../system/port-names.js';
import type { WarningCode } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostics.js';
import type { Assignment, Directive, Draft, Keyword } from './directives.js';
import { noteReplaced, useOfFallbacks } from './fallback.js';
import { type Line, lineSpan } from './lines.js';
import { mend, mendFirstLine, unindentedSections } from './mends.js';
import type { Context, Note, ValueRefusal } from './reading.js';
import { completeSection, openSection, type Section, sectionFacts, writtenKey } from './sections.js';
import { type Assigned, type Refused, readStrictly } from './strict.js';

export interface ParseOptions {
  /** Accept exactly what the reference does; otherwise also what it rejects but is clear. */
  readonly strict: boolean;
  readonly services: ServicePorts;
}

/** What the lines say. */
export interface Reading {
  /** In the order of their discovery. */
  readonly diagnostics: readonly Diagnostic[];
  readonly global: Draft;
  /** Where each directive of the global section was set last. */
  readonly globalPlaces: ReadonlyMap<Keyword, Span>;
  readonly sections: readonly Section[];
}

/** Where the directives of a file were set last. */
export interface Places extends Pick<Reading, 'globalPlaces'> {
  readonly sections: readonly { readonly places: ReadonlyMap<Keyword, Span> }[];
}

export function readLines(lines: readonly Line[], options: ParseOptions): Work<Reading> {
  return new LineReader(lines, options).read();
}

/** Lines that are read without an interruption. */
const linesAtOnce = 16;
/** The time to read a line grows with the square of its length. */
const longestLine = 10_000;

class LineReader {
  readonly #lines: readonly Line[];
  readonly #options: ParseOptions;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #global: Draft = {};
  readonly #globalPlaces = new Map<Keyword, Span>();
  readonly #sections: Section[] = [];
  #unindented: ReadonlySet<number> = new Set();
  /** What is said once for a file or a section has been said. */
  readonly #said = new Set<string>();
  readonly #completed = new Set<Section>();
  readonly #keys = new Map<string, Section>();
  #open: Section | null = null;

  constructor(lines: readonly Line[], options: ParseOptions) {
    this.#lines = lines;
    this.#options = options;
  }

  *read(): Work<Reading> {
    if (!this.#options.strict) this.#unindented = yield* unindentedSections(this.#lines);
    for (const line of this.#lines) {
      this.#take(line);
      if (line.number % linesAtOnce === 0) yield;
    }
    yield* this.#finish();
    return {
      diagnostics: this.#diagnostics,
      global: this.#global,
      globalPlaces: this.#globalPlaces,
      sections: this.#sections,
    };
  }

  #take(original: Line): void {
    if (original.text.length > longestLine) {
      const message = `the line has more than ${longestLine} characters`;
      this.#report({ ok: false, code: 'line-too-long', message, span: lineSpan(original) });
      return;
    }
    const line = this.#options.strict ? original : this.#withoutMark(original);
    const statement = readStrictly(line, this.#open, !this.#options.strict);
    if (statement.kind === 'comment') return;
    if (statement.kind === 'blank') this.#close(line);
    else if (statement.kind === 'bare-supervised') this.#supervise(line, statement.span);
    else this.#takeStatement(statement, line);
  }

  #takeStatement(statement: Assigned | Refused, line: Line): void {
    if (this.#belongsAbove(statement, line)) {
      this.#mend(line);
      return;
    }
    const refusal = statement.kind === 'refused' ? statement.refusal : this.#assign(statement, line);
    if (refusal === null) return;
    if (!this.#options.strict) {
      this.#mend(line);
      return;
    }
    const endsSection = statement.kind === 'refused' ? !statement.inSection : statement.section === null;
    if (endsSection && this.#open !== null) this.#complete(this.#open, lineSpan(line));
    this.#refuse(refusal, statement.kind === 'refused' ? null : statement.directive, line);
  }

  #withoutMark(line: Line): Line {
    const mended = line.number === 1 ? mendFirstLine(line) : null;
    if (mended === null) return line;
    this.#warn(mended.note);
    return mended.line;
  }

  /** Whether a line at the margin, global to the reference, is part of a section without indentation. */
  #belongsAbove(statement: Assigned | Refused, line: Line): boolean {
    if (statement.kind === 'refused' || statement.section !== null) return false;
    return statement.directive.scope === 'both' && this.#unindented.has(line.number);
  }

  /** Reads by the strict grammar; a refusal leaves everything as it was. */
  #assign(statement: Assigned, line: Line): ValueRefusal | null {
    const { directive, keyword, section, value } = statement;
    const notes: Note[] = [];
    const outcome = directive.read(value, {
      section: section === null ? null : sectionFacts(section),
      services: this.#options.services,
      extensions: !this.#options.strict,
      note: (code, message, span) => void notes.push({ code, message, span }),
    });
    if (!outcome.ok) return outcome;
    if (section === null) this.#close(line);
    if (statement.cut !== null) {
      const message = 'a "#" begins a comment even in quotes: the string ends here';
      notes.push({ code: 'hash-cuts-string', message, span: statement.cut });
    }
    for (const note of notes) this.#warn(note);
    this.#set(directive, outcome.value, section, keyword, line);
    return null;
  }

  #set(directive: Directive, assignment: Assignment, section: Section | null, keyword: Span, line: Line): void {
    const { deprecated } = directive;
    if (deprecated !== null) this.#warn({ code: 'deprecated', message: deprecated, span: keyword });
    if (section !== null) {
      assignment(section.draft);
      section.places.set(directive.keyword, keyword);
    } else if (opens(directive)) {
      const draft: Draft = {};
      assignment(draft);
      this.#start(openSection(familyOf(directive), draft, line));
    } else {
      assignment(this.#global);
      this.#globalPlaces.set(directive.keyword, keyword);
    }
  }

  #start(section: Section): void {
    this.#sections.push(section);
    this.#open = section;
  }

  #supervise(line: Line, span: Span): void {
    this.#close(line);
    this.#global.supervised = true;
    this.#warn({ code: 'deprecated', message: 'write "supervised = yes"', span });
  }

  #mend(line: Line): void {
    const last = this.#sections.at(-1) ?? null;
    if (this.#open !== null && line.text.trim() === '') {
      const message = 'a line of blanks in a section is passed over';
      this.#warn({ code: 'blanks-in-section', message, span: lineSpan(line) });
      return;
    }
    const unindented = this.#unindented.has(line.number);
    const mended = mend(line, { open: this.#open, last, unindented, services: this.#options.services });
    if (!mended.ok) {
      this.#refuse(mended.refusal, mended.directive, line);
      return;
    }
    if (mended.section === null && (mended.atMargin || opens(mended.directive))) this.#close(line);
    for (const note of mended.notes) this.#warn(note, last);
    this.#set(mended.directive, mended.assignment, mended.section, mended.keyword, line);
    if (mended.section !== null) this.#open = mended.section;
  }

  #report({ code, message, span }: ValueRefusal): void {
    this.#diagnostics.push({ severity: 'error', code, message, span });
  }

  #refuse(refusal: ValueRefusal, directive: Directive | null, line: Line): void {
    const section = this.#open;
    const real = directive?.keyword === 'real' || directive?.keyword === 'real6';
    const held = this.#options.strict && real && section !== null && !this.#completed.has(section);
    if (directive !== null) section?.refused.add(directive.keyword);
    if (held) section.heldBack.push(refusal);
    else this.#report(refusal);
    // The lines below a wrong opening line are read for their errors.
    if (directive !== null && opens(directive)) this.#start(openSection(familyOf(directive), {}, line));
  }

  #warn({ code, message, span }: Note, section: Section | null = null): void {
    if (saidOnce.has(code)) {
      const key = code === 'carriage-return' ? code : `${code} ${section?.line.number}`;
      if (this.#said.has(key)) return;
      this.#said.add(key);
    }
    this.#diagnostics.push({ severity: 'warning', code, message, span });
  }

  #close(line: Line): void {
    const section = this.#open;
    this.#open = null;
    // The reference notices a service that stands there twice at the line that ends the section.
    if (section !== null && this.#options.strict) this.#complete(section, lineSpan(line));
  }

  *#finish(): Work<void> {
    const end = this.#lines.at(-1);
    this.#noteReplacedGlobally();
    if (!this.#options.strict) {
      // A section can go on after a blank line, so that none is complete before the end.
      for (const section of this.#sections) {
        this.#complete(section, section.span);
        yield;
      }
    } else if (end !== undefined && this.#open !== null) {
      const atEnd = this.#open.line === end;
      this.#close(end);
      const message = 'a section without lines cannot end the file';
      if (atEnd) this.#diagnostics.push({ severity: 'error', code: 'empty-section', message, span: lineSpan(end) });
    }
  }

  /** Only where no section wants all of the lines. */
  #noteReplacedGlobally(): void {
    const drafts = [this.#global, ...this.#sections.map(({ draft }) => draft)];
    if (drafts.some((draft) => useOfFallbacks(draft, this.#global) !== 'last')) return;
    const { fallback = [], fallback6 = [] } = this.#global;
    for (const lines of [fallback, fallback6])
      noteReplaced(lines.slice(0, -1), (code, message, span) => this.#warn({ code, message, span }));
  }

  /** The section stays open after a wrong line, so that the lines below are read as what they are. */
  #complete(section: Section, span: Span): void {
    if (this.#completed.has(section)) return;
    this.#completed.add(section);
    const note: Context['note'] = (code, message, at) => this.#warn({ code, message, span: at });
    for (const refusal of completeSection(section, this.#global, this.#options.services, note)) this.#report(refusal);
    const key = writtenKey(section);
    if (key === null) return;
    const earlier = this.#keys.get(key);
    if (earlier === undefined) {
      this.#keys.set(key, section);
      return;
    }
    const message = `this virtual service stands in line ${earlier.line.number} already`;
    this.#diagnostics.push({ severity: 'error', code: 'duplicate-virtual', message, span });
  }
}

/** What a whole file or section has in common is said at its first line. */
const saidOnce: ReadonlySet<WarningCode> = new Set([
  'carriage-return',
  'no-indentation',
  'short-indentation',
  'detached-line',
]);

function opens({ keyword }: Directive): boolean {
  return keyword === 'virtual' || keyword === 'virtual6';
}

function familyOf({ keyword }: Directive): Family {
  return keyword === 'virtual6' ? 'inet6' : 'inet';
}
