/** The lines of the file that say how a server is used. */

import type { Config, RealServer, Virtual } from '../../model/config.js';
import { spanIn } from '../../model/section-span.js';
import { excerpt } from '../diagnostics/excerpt.js';

export interface SectionLine {
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** A section longer than this, without its servers, is cut. */
const mostLines = 200;

/** Of the virtual's section all but the other servers, comments and blank lines; secrets are masked. */
export function sectionLines(text: string, config: Config, virtual: Virtual, real: RealServer): SectionLine[] {
  const lineOf = ({ span }: RealServer): number => spanIn(config, virtual, span).line;
  const { line: opening } = spanIn(config, virtual);
  const lines = new LinesFrom(text, opening);
  const others = new Set(virtual.realServers.map(lineOf));
  const own = lineOf(real);
  others.delete(own);
  const found: SectionLine[] = [];
  for (let number = opening; found.length < mostLines; number += 1) {
    const line = lines.next();
    if (line === null) break;
    if (number > opening && /^[^\s#]/.test(line)) break;
    if (others.has(number) || /^\s*(#|$)/.test(line)) continue;
    found.push(shownLine(line, number));
  }
  // A fallback of the global section stands elsewhere.
  return found.some(({ line }) => line === own)
    ? found
    : [shownLine(new LinesFrom(text, own).next() ?? '', own), ...found];
}

/** The lines of a text from one on, which counts from 1: of a hundred thousand most are passed over. */
class LinesFrom {
  readonly #text: string;
  /** Where the next line begins; -1 where there is none. */
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    for (let number = 1; number < line && this.#at >= 0; number += 1) this.#pass();
  }

  /** Null at the end. */
  next(): string | null {
    if (this.#at < 0) return null;
    const begin = this.#at;
    this.#pass();
    return this.#text.slice(begin, this.#at < 0 ? undefined : this.#at - 1);
  }

  #pass(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? -1 : end + 1;
  }
}

function shownLine(text: string, line: number): SectionLine {
  return { line, text: excerpt(text, { line, column: 1, length: 1 }).line };
}
