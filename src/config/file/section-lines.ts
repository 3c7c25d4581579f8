/** The lines of the file that say how a server is used. */

import type { RealServer, Virtual } from '../../model/config.js';
import { excerpt } from '../diagnostics/excerpt.js';

export interface SectionLine {
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** A section longer than this, without its servers, is cut. */
const mostLines = 200;

/** Of the virtual's section all but the other servers, comments and blank lines; secrets are masked. */
export function sectionLines(text: string, virtual: Virtual, real: RealServer): SectionLine[] {
  const lines = text.split('\n');
  const others = new Set(virtual.realServers.map(({ span }) => span.line));
  others.delete(real.span.line);
  const found: SectionLine[] = [];
  for (let number = virtual.span.line; number <= lines.length && found.length < mostLines; number += 1) {
    const line = lines[number - 1] ?? '';
    if (number > virtual.span.line && /^[^\s#]/.test(line)) break;
    if (others.has(number) || /^\s*(#|$)/.test(line)) continue;
    found.push(shownLine(line, number));
  }
  const { line: own } = real.span;
  // A fallback of the global section stands elsewhere.
  return found.some(({ line }) => line === own) ? found : [shownLine(lines[own - 1] ?? '', own), ...found];
}

function shownLine(text: string, line: number): SectionLine {
  return { line, text: excerpt(text, { line, column: 1, length: 1 }).line };
}
