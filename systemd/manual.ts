/** `npm run manual [DIRECTORY]`: writes the manual's pages; what the code knows comes from the code. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { upByCheckType } from '../src/config/check-types.js';
import type { Directive } from '../src/config/directive.js';
import { directives } from '../src/config/directives.js';
import { serviceRows } from '../src/config/service-lists.js';
import { type SettingRow, settingFaults, settingRows } from '../src/config/setting-rows.js';
import { eventSentences } from '../src/events.js';
import { environmentRows, exitRows, optionRows, verbRows } from '../src/verbs/help.js';

/** From the compiled program to the repository. */
const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The pages, by section of the manual. */
const pages = ['ldirectord.8', 'ldirectord.cf.5', 'ldirectord.ini.5'] as const;

type Row = readonly [name: string, summary: string];

const tables: Readonly<Record<string, readonly Row[]>> = {
  verbs: verbRows,
  options: optionRows,
  environment: environmentRows,
  exit: exitRows,
  events: Object.entries(eventSentences),
  global: rowsOf(({ scope, extension }) => scope !== 'virtual' && !extension),
  virtual: rowsOf(({ scope, extension }) => scope === 'virtual' && !extension),
  extensions: rowsOf(({ extension }) => extension),
  checktypes: Object.entries(upByCheckType).map(([type, up]) => [type, `up means: ${up}`]),
  services: servicesOf(),
  settings: settingsOf('top'),
  windows: settingsOf('maintenance'),
  faults: Object.entries(settingFaults),
};

function rowsOf(isMeant: (directive: Directive) => boolean): Row[] {
  return directives.filter(isMeant).map(({ keyword, scope, fallback, summary }) => {
    const where = scope === 'both' ? '; also in a section' : '';
    return [keyword, `${summary}${where}${fallback === '' ? '' : `; default: ${fallback}`}`];
  });
}

function servicesOf(): Row[] {
  return serviceRows().map(({ names, request, up }) => {
    const asked = request === '' ? '' : `; \`request\` is ${request}`;
    return [names.join(', '), `up means: ${up}${asked}`];
  });
}

function settingsOf(scope: SettingRow['scope']): Row[] {
  const rows = settingRows.filter((row) => row.scope === scope);
  return rows.map(({ key, fallback, summary }) => [key, `${summary}; default: ${fallback}`]);
}

/** The pages by file name, as mdoc(7) has them. Rejects where a page asks for a table that is not there. */
export async function manualPages(): Promise<ReadonlyMap<string, string>> {
  const texts = pages.map(async (name) => {
    const text = await readFile(join(repository, 'systemd', `${name}.in`), 'utf8');
    return [name, text.replaceAll(/^@(\w+)@$/gm, (_, table: string) => list(table))] as const;
  });
  return new Map(await Promise.all(texts));
}

function list(name: string): string {
  const rows = tables[name];
  if (!rows) throw new Error(`the manual has no table '${name}'`);
  const items = rows.map(([term, summary]) => `.It Cm ${escaped(term)}\n${sentence(summary)}\n`);
  return `.Bl -tag -width Ds\n${items.join('')}.El`;
}

/** What stands between backquotes is literal. */
function sentence(summary: string): string {
  const text = escaped(summary).replaceAll(/`([^`]*)`/g, '\\fB$1\\fP');
  const capital = text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  // A line that begins with a dot or a quote would be a request.
  return `${capital.replace(/^[.']/, '\\&$&')}.`;
}

/** A hyphen that is to be copied is a minus to troff. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('’', '\\(cq');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = process.argv[2] ?? join(repository, 'build/man');
  await mkdir(directory, { recursive: true });
  for (const [name, text] of await manualPages()) {
    await writeFile(join(directory, name), text);
    process.stdout.write(`${join(directory, name)}\n`);
  }
}
