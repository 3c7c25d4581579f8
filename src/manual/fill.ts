/**
 * From the source of a page to mdoc(7). A source is mdoc with less to write:
 *
 *     .so cf/checks.in        another source stands here
 *     @directives@            a table of the code’s stands here, as a list
 *     .It checktype=on        the words of a list’s item are literal
 *     .Bd … .Ed               what stands between is literal as it is
 *     what `checktype` says   so is what stands between backquotes
 *
 * Nothing else has to be escaped.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOf, pages } from './pages.js';
import { asLine, escapeLiteral, escapeText } from './roff.js';

/** What is called so, and what it is: sentences without the last one’s end; text between backquotes is literal. */
export type Item = readonly [term: string, text: string];

export type Tables = Readonly<Record<string, readonly Item[]>>;

/** All pages by the names of their files. Rejects where a source asks for a table that is not there. */
export async function manualPages(folder: string, tables: Tables): Promise<ReadonlyMap<string, string>> {
  const filled = pages.map(async (page) => {
    const lines = await sourceLines(folder, `${fileOf(page)}.in`);
    return [fileOf(page), fill(lines, tables)] as const;
  });
  return new Map(await Promise.all(filled));
}

async function sourceLines(folder: string, name: string): Promise<string[]> {
  const text = await readFile(join(folder, name), 'utf8');
  const parts = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, included] = /^\.so (\S+)$/.exec(line) ?? [];
      return included === undefined ? [line] : sourceLines(folder, included);
    });
  return (await Promise.all(parts)).flat();
}

function fill(lines: readonly string[], tables: Tables): string {
  let isLiteral = false;
  const filled = lines.map((line) => {
    if (line === '.Ed') isLiteral = false;
    if (isLiteral) return asLine(escapeLiteral(line));
    if (line.startsWith('.Bd')) isLiteral = true;
    const [, table] = /^@(\w+)@$/.exec(line) ?? [];
    if (table !== undefined) return listOf(table, tables);
    const [, term] = /^\.It (.+)$/.exec(line) ?? [];
    if (term !== undefined) return itemOf(term);
    if (/^\.S[hs] /.test(line)) return guard(line);
    return line.startsWith('.') ? line : sentences(line);
  });
  return `${filled.join('\n')}\n`;
}

function listOf(name: string, tables: Tables): string {
  const items = tables[name];
  if (items === undefined) throw new Error(`the manual has no table '${name}'`);
  const lines = items.map(([term, text]) => `${itemOf(term)}\n${sentences(`${capital(text)}.`)}\n`);
  return `.Bl -tag -width Ds\n${lines.join('')}.El`;
}

/** To mdoc quotes hold words together. */
function itemOf(term: string): string {
  return guard(`.It Cm ${escapeLiteral(term).replaceAll('"', '\\(dq')}`, 2);
}

/** To mdoc words of two or three letters are macros, but those that are meant to be. */
function guard(line: string, macros = 1): string {
  const words = line.split(' ');
  return words
    .map((word, index) => (index >= macros && /^[A-Z][a-z]{1,2}$/.test(word) ? `\\&${word}` : word))
    .join(' ');
}

/** What stands between backquotes is literal. Each sentence begins a line, so that troff knows where one ends. */
function sentences(text: string): string {
  const parts = text.split('`');
  if (parts.length % 2 === 0) throw new Error(`a backquote without its other one: ${text}`);
  const escaped = parts.map((part, index) => {
    return index % 2 === 0 ? escapeText(part).replaceAll(/([.!?]\)?) /g, '$1\n') : `\\fB${escapeLiteral(part)}\\fP`;
  });
  return escaped.join('').split('\n').map(asLine).join('\n');
}

function capital(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
