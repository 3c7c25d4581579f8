/** Every directive of the file. The manual prints this table. */

import type { Row, Rows } from './directive.js';
import type { Field } from './lines.js';
import { accept, type Context, type Outcome } from './reading.js';
import { checkDirectives, datagramDirectives } from './rows/checks.js';
import { healthDirectives } from './rows/health.js';
import { httpDirectives } from './rows/http.js';
import { inheritedDirectives } from './rows/inherited.js';
import { noteDirectives } from './rows/notes.js';
import { programDirectives } from './rows/program.js';
import { sectionDirectives } from './rows/section.js';
import { tableDirectives } from './rows/table.js';
import { tlsDirectives } from './rows/tls.js';

/** Those of which a virtual has what holds in the end, in the order in which differences are told. */
export const virtualDirectives = {
  ...checkDirectives,
  ...healthDirectives,
  ...datagramDirectives,
  ...tableDirectives,
  ...noteDirectives,
  ...inheritedDirectives,
  ...tlsDirectives,
  ...httpDirectives,
};

/** In the order of the documents. Of two that are as near to a wrong keyword, the first is offered. */
const rows = {
  ...sectionDirectives,
  ...checkDirectives,
  ...healthDirectives,
  ...tableDirectives,
  ...noteDirectives,
  ...inheritedDirectives,
  ...programDirectives,
  ...tlsDirectives,
  ...httpDirectives,
  ...datagramDirectives,
};

export type Keyword = keyof typeof rows;

/** What the lines of a section set, before defaults and globals fill in the rest. */
export type Draft = { [K in Keyword]?: (typeof rows)[K] extends Row<infer T, unknown> ? T : never };

/** Writes a value that was read into the section that it belongs to. */
export type Assignment = (draft: Draft) => void;

export interface Directive extends Omit<Row<unknown, unknown>, 'read' | 'join' | 'words'> {
  readonly keyword: Keyword;
  /** The default, in words. */
  readonly fallback: string;
  readonly read: (field: Field, context: Context) => Outcome<Assignment>;
}

function directive(keyword: Keyword, row: Rows[string]): Directive {
  return {
    ...row,
    keyword,
    fallback: row.words,
    read(field, context) {
      const outcome = row.read(field, context);
      if (!outcome.ok) return outcome;
      // The row and the draft have the same type under one keyword.
      return accept((draft: Partial<Record<Keyword, unknown>>) => {
        const earlier = draft[keyword];
        draft[keyword] = earlier === undefined ? outcome.value : row.join(earlier, outcome.value);
      });
    },
  };
}

export const directives: readonly Directive[] = (Object.keys(rows) as Keyword[]).map((keyword) =>
  directive(keyword, rows[keyword]),
);

const byKeyword: ReadonlyMap<string, Directive> = new Map(directives.map((one) => [one.keyword, one]));

export function directiveOf(keyword: string): Directive | undefined {
  return byKeyword.get(keyword);
}

/** The known keyword nearest to a wrong one, if any is near. */
export function nearestKeyword(wrong: string): Keyword | undefined {
  const word = wrong.toLowerCase();
  const limit = word.length > 5 ? 2 : 1;
  let best: { readonly keyword: Keyword; readonly distance: number } | undefined;
  for (const { keyword } of directives) {
    const distance = editDistance(word, keyword, limit);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { keyword, distance };
  }
  return best?.keyword;
}

/** Levenshtein's distance; anything above the limit is only known to be above it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? limit + 1;
}
