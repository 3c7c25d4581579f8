/**
 * A page of ours as plain text, for where there is no man(1). Of mdoc(7) it knows what our pages use, and throws at
 * anything else.
 */

import { asRead } from './roff.js';
import { spoken } from './spoken.js';

/** Columns by which each part stands further in. */
const indents = { section: 4, heading: 2, list: 6, display: 4 } as const;
/** Those of a term, with the blank behind it, whose text begins in its own line. */
const shortTerm = indents.list;

interface List {
  readonly isBulleted: boolean;
  readonly isCompact: boolean;
}

export function plainText(page: string, width: number): string {
  const renderer = new Renderer(width);
  for (const line of page.trimEnd().split('\n')) renderer.take(line);
  return renderer.end();
}

class Renderer {
  readonly #width: number;
  readonly #lines: string[] = [];
  readonly #lists: List[] = [];
  /** Words of the paragraph that is being read. */
  #words: string[] = [];
  /** What stands before its first line in place of the indent: a term or a bullet. */
  #lead = '';
  /** Whether a blank line comes before what is written next. */
  #isApart = false;
  #isLiteral = false;
  #name = '';
  /** Whether each mention of the name begins a line, as in a synopsis. */
  #isSynopsis = false;

  constructor(width: number) {
    this.#width = width;
  }

  take(line: string): void {
    const [, macro, rest = ''] = /^\.(\w+) ?(.*)$/.exec(line) ?? [];
    if (macro !== undefined) this.#macro(macro, rest);
    else if (this.#isLiteral) this.#write(`${' '.repeat(this.#indent + indents.display)}${asRead(line)}`.trimEnd());
    else this.#words.push(...asRead(line).split(' '));
  }

  end(): string {
    this.#flush();
    return `${this.#lines.join('\n')}\n`;
  }

  #macro(macro: string, rest: string): void {
    switch (macro) {
      case 'Dd':
      case 'Os':
      case 'nh':
        break;
      case 'Dt':
        this.#write(rest.replace(/ (\d)$/, '($1)'));
        break;
      case 'Sh':
      case 'Ss':
        this.#part();
        this.#isSynopsis = rest === 'SYNOPSIS';
        this.#write(`${macro === 'Sh' ? '' : ' '.repeat(indents.heading)}${asRead(rest)}`);
        break;
      case 'Pp':
        this.#part();
        break;
      case 'Bl':
        this.#flush();
        this.#lists.push({ isBulleted: rest.startsWith('-bullet'), isCompact: rest.includes('-compact') });
        break;
      case 'It':
        this.#item(rest);
        break;
      case 'El':
        this.#flush();
        this.#lists.pop();
        break;
      case 'Bd':
        this.#part();
        this.#isLiteral = true;
        break;
      case 'Ed':
        this.#isLiteral = false;
        break;
      case 'Nm':
        if (rest !== '') this.#name = rest;
        if (this.#isSynopsis) this.#flush();
        this.#words.push(this.#name);
        break;
      default:
        this.#words.push(...spoken(macro, rest.split(' ')));
    }
  }

  /** What comes next stands apart. */
  #part(): void {
    this.#flush();
    this.#isApart = true;
  }

  get #indent(): number {
    return indents.section + indents.list * this.#lists.length;
  }

  #item(term: string): void {
    this.#flush();
    const list = this.#lists.at(-1);
    this.#isApart ||= list?.isCompact === false;
    const before = ' '.repeat(this.#indent - indents.list);
    const words = list?.isBulleted === true ? '•' : asRead(term.replace(/^Cm /, ''));
    if (words.length < shortTerm) this.#lead = `${before}${words.padEnd(shortTerm)}`;
    else this.#write(`${before}${words}`);
  }

  /** Writes the paragraph that has been read. */
  #flush(): void {
    const indent = ' '.repeat(this.#indent);
    let line = this.#lead === '' ? indent : this.#lead;
    let isEmpty = true;
    for (const word of this.#words.filter((one) => one !== '')) {
      if (!isEmpty && line.length + 1 + word.length > this.#width) {
        this.#write(line);
        line = indent;
        isEmpty = true;
      }
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
    if (!isEmpty || this.#lead !== '') this.#write(line.trimEnd());
    this.#words = [];
    this.#lead = '';
  }

  #write(line: string): void {
    if (this.#isApart && this.#lines.length > 0) this.#lines.push('');
    this.#isApart = false;
    this.#lines.push(line);
  }
}
