/** Perl's grammar of regular expressions (perlre), as the engine reads a pattern at run time. */

import { readBrackets } from './brackets.js';
import { otherCases, rangeSet, renderCharacter, renderSet, union } from './characters.js';
import { type Element, readEscape } from './escapes.js';
import { type GroupHead, readGroupHead } from './groups.js';
import { quantifier, readCounts } from './quantifiers.js';
import { readReference } from './reference-escapes.js';
import { Scanner } from './scanner.js';
import { type Modifiers, type Node, noModifiers, PatternError, type Place, type Syntax } from './syntax.js';

/** Perl's own limit. */
const deepestNesting = 1000;

/** `(?!)` fails wherever it stands. */
const never: Node = { type: 'assertion', js: '(?!)' };
const nothing: Node = { type: 'sequence', items: [] };

/** Perl's anchors and what they are in JavaScript without flag `m`. */
const anchors: ReadonlyMap<string, string> = new Map([
  ['A', '^'],
  // Where a first match starts, which is the only one that is asked for.
  ['G', '^'],
  ['z', '$'],
  ['Z', '(?=\\n?$)'],
  ['b', '\\b'],
  ['B', '\\B'],
]);

/** Throws PatternError where the pattern is malformed or cannot be said in JavaScript. */
export function parsePattern(source: string): Syntax {
  return new Parser(source).parse();
}

class Parser {
  private readonly scanner: Scanner;
  private readonly names = new Map<string, Set<number>>();
  private modifiers: Modifiers = noModifiers;
  private groups = 0;
  private depth = 0;
  private looks = 0;
  /** Where text stands that minds case, and where a reference that does not. */
  private minding = false;
  private ignoring: Place | null = null;

  constructor(source: string) {
    this.scanner = new Scanner(source);
  }

  parse(): Syntax {
    const root = this.alternation();
    if (!this.scanner.done) {
      this.scanner.next();
      throw this.scanner.fail('this parenthesis was never opened', this.scanner.position - 1);
    }
    if (this.ignoring !== null && this.minding) {
      throw new PatternError(
        'JavaScript ignores case in a reference only where the whole pattern ignores it: begin the pattern with (?i)',
        this.ignoring.offset,
        this.ignoring.length,
      );
    }
    return { root, groups: this.groups, names: this.names, ignoreCase: this.ignoring !== null };
  }

  /** Up to a closing parenthesis or the end. `reset`: each branch counts its groups from the same number. */
  private alternation(reset = false): Node {
    const first = this.groups;
    let most = first;
    const branches: Node[] = [];
    do {
      if (reset) {
        this.groups = first;
      }
      branches.push(this.sequence());
      most = Math.max(most, this.groups);
    } while (this.scanner.take('|'));
    this.groups = most;
    return branches.length === 1 ? (branches[0] ?? nothing) : { type: 'alternation', branches };
  }

  private sequence(): Node {
    const items: Node[] = [];
    for (this.skip(); !this.scanner.done && this.scanner.look(/[|)]/y) === null; this.skip()) {
      const start = this.scanner.position;
      const atom = this.atom(start);
      if (atom !== null) {
        this.skip();
        items.push(this.quantify(atom, start));
      }
    }
    return items.length === 1 ? (items[0] ?? nothing) : { type: 'sequence', items };
  }

  /** Comments, and with modifier x blanks. */
  private skip(): void {
    for (;;) {
      const start = this.scanner.position;
      if (this.modifiers.x > 0 && this.scanner.match(/(?:[\t-\r \x85\u200e\u200f\u2028\u2029]|#[^\n]*)+/y) !== null) {
        continue;
      }
      if (!this.scanner.take('(?#')) {
        return;
      }
      if (this.scanner.match(/[^)]*\)/y) === null) {
        throw this.scanner.fail('this comment is not closed', start);
      }
    }
  }

  private quantify(atom: Node, start: number): Node {
    const counts = readCounts(this.scanner, start);
    if (counts === null) {
      return atom;
    }
    if (counts.min > counts.max) {
      // Perl warns, never matches, and reads what follows as if nothing stood before it.
      return { type: 'sequence', items: [never, atom] };
    }
    this.skip();
    const lazy = this.scanner.take('?');
    const possessive = !lazy && this.scanner.take('+');
    this.skip();
    if (this.scanner.match(quantifier) !== null) {
      throw this.scanner.fail('a quantifier follows a quantifier: put the first into (?:…)', start);
    }
    const repeat: Node = { type: 'repeat', body: atom, ...counts, lazy };
    return possessive ? { type: 'atomic', body: repeat, place: this.placeFrom(start) } : repeat;
  }

  /** Null where there was nothing but a change of modifiers. */
  private atom(start: number): Node | null {
    const character = this.scanner.next();
    switch (character) {
      case '.':
        return text(this.modifiers.s ? '[^]' : '[^\\n]');
      case '^':
        // With m not behind a newline that ends the subject.
        return { type: 'assertion', js: this.modifiers.m ? '(?:^|(?<=\\n)(?!$))' : '^' };
      case '$':
        return { type: 'assertion', js: this.modifiers.m ? '(?=\\n|$)' : '(?=\\n?$)' };
      case '[':
        this.minding ||= !this.modifiers.i;
        return text(readBrackets(this.scanner, start, this.modifiers));
      case '(':
        return this.group(start);
      case '\\':
        return this.escape(start);
      case '*':
      case '+':
      case '?':
        throw this.scanner.fail('there is nothing before this quantifier', start);
      case '{':
        // Perl looks at the text alone: an escaped backslash before the letter is one to it as well.
        if (/\\[A-Za-z]$/.test(this.scanner.source.slice(Math.max(0, start - 2), start))) {
          throw this.scanner.fail('a literal brace is written \\{ behind a letter with a backslash', start);
        }
        return this.element(0x7b);
      default:
        return this.element(character.codePointAt(0) ?? 0);
    }
  }

  private element(element: Element): Node {
    if (typeof element !== 'number') {
      this.minding ||= element.properties.length > 0 && !this.modifiers.i;
      return text(renderSet(element));
    }
    const others = otherCases(element, element);
    if (others.ranges.length === 0) {
      return text(renderCharacter(element));
    }
    this.minding ||= !this.modifiers.i;
    return text(this.modifiers.i ? renderSet(union([rangeSet(element, element), others])) : renderCharacter(element));
  }

  private escape(start: number): Node {
    const group = readReference(this.scanner, start, this.groups);
    if (group !== null) {
      return this.referTo(group, start);
    }
    const letter = this.scanner.peek();
    return this.letterEscape(letter, start) ?? this.element(readEscape(this.scanner, start, this.modifiers.i));
  }

  /** Escapes that are no character. */
  private letterEscape(letter: string, start: number): Node | null {
    const anchor = anchors.get(letter);
    if (anchor === undefined && !/[KRXCN]/.test(letter)) {
      return null;
    }
    this.scanner.next();
    if (letter === 'N' && this.scanner.startsWith('{') && this.scanner.look(quantifier) === null) {
      // A character by its number or name.
      this.scanner.position--;
      return null;
    }
    if (anchor !== undefined) {
      if (/b/i.test(letter) && this.scanner.startsWith('{')) {
        this.scanner.match(/\{[^}]*\}?/y);
        throw this.scanner.fail('only \\b and \\B without braces are translated', start);
      }
      return { type: 'assertion', js: anchor };
    }
    switch (letter) {
      case 'N':
        return text('[^\\n]');
      case 'R':
        // Atomic in Perl: CR LF is never torn apart.
        return { type: 'text', js: '(?:\\r\\n|(?!\\r\\n)[\\n-\\r\\x85\\u2028\\u2029])', longest: 2 };
      case 'K':
        return this.keep(start);
      case 'X':
        throw this.scanner.fail('\\X has no equivalent in JavaScript', start);
      default:
        throw this.scanner.fail('\\C is gone from Perl', start);
    }
  }

  /** `\K` says where the match is to begin: nothing to whether there is one. */
  private keep(start: number): Node {
    if (this.looks > 0) {
      throw this.scanner.fail('\\K may not stand in a lookahead or lookbehind', start);
    }
    this.skip();
    if (this.scanner.match(/[*+]|\{[ \t]*\d+[ \t]*,[ \t]*\}/y) !== null) {
      throw this.scanner.fail('\\K cannot be repeated without end', start);
    }
    return nothing;
  }

  private referTo(group: number | string, start: number): Node {
    const place = this.placeFrom(start);
    if (this.modifiers.i) {
      this.ignoring ??= place;
    } else {
      this.minding = true;
    }
    return { type: 'reference', group, place };
  }

  private placeFrom(start: number): Place {
    return { offset: start, length: this.scanner.position - start };
  }

  private group(start: number): Node | null {
    const outer = this.modifiers;
    const head = readGroupHead(this.scanner, start, outer);
    const place = this.placeFrom(start);
    switch (head.kind) {
      case 'modifiers':
        this.modifiers = head.modifiers;
        return null;
      case 'fail':
        return never;
      case 'reference':
        return this.referTo(head.name, start);
      case 'plain':
        this.modifiers = head.modifiers;
        return this.body(start, outer);
      case 'reset':
        return this.body(start, outer, true);
      case 'atomic':
        return { type: 'atomic', body: this.lookBody(start, outer, head.spelledOut), place };
      case 'capture':
        return this.capture(head, start, outer);
      case 'look': {
        const body = this.lookBody(start, outer, true);
        return { type: 'look', ahead: head.ahead, negated: head.negated, body, place };
      }
    }
  }

  /** A body in which `\K` may be forbidden. */
  private lookBody(start: number, outer: Modifiers, forbidsKeep: boolean): Node {
    this.looks += Number(forbidsKeep);
    const body = this.body(start, outer);
    this.looks -= Number(forbidsKeep);
    return body;
  }

  private capture(head: GroupHead & { readonly kind: 'capture' }, start: number, outer: Modifiers): Node {
    const number = ++this.groups;
    if (head.name !== null) {
      const numbers = this.names.get(head.name) ?? new Set();
      this.names.set(head.name, numbers.add(number));
    }
    return { type: 'capture', number, name: head.name, body: this.body(start, outer) };
  }

  /** Up to behind the closing parenthesis, where the modifiers of outside hold again. */
  private body(start: number, outer: Modifiers, reset = false): Node {
    if (++this.depth > deepestNesting) {
      throw this.scanner.fail(`groups are nested at most ${deepestNesting} deep`, start);
    }
    const body = this.alternation(reset);
    this.depth--;
    if (!this.scanner.take(')')) {
      this.scanner.position = start + 1;
      throw this.scanner.fail('this group is not closed', start);
    }
    this.modifiers = outer;
    // Kept together, so that a quantifier that follows holds for all of it.
    return { type: 'sequence', items: [body] };
  }
}

function text(js: string): Node {
  return { type: 'text', js, longest: 1 };
}
