/**
 * What stands in several files of the bundle is several modules, where both are loaded: what one of them remembers the
 * other does not know. So none of these may keep a state.
 */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const bundle = new URL('../dist/', import.meta.url);
const compiled = new URL('../src/', import.meta.url);

/** Answers that are found again for the same object or file: who does not know of them finds them anew. */
const remembered = new Set([
  'config/resolve: addressed',
  'model/subject: keys',
  'reconcile/advice/table-advice: sound',
  'reconcile/desired: keysOf',
  'reload/read: advice',
  'system/port-names: last',
]);
/** What a file of the bundle shares among its own long works: those of another one have slices of their own. */
const shared = new Set(['slices: turnEnd']);

/** The modules of the bundle, each with the files that it stands in. */
async function modules(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const file of await readdir(bundle)) {
    if (!/\.c?js$/.test(file)) continue;
    for (const [, module = ''] of (await readFile(new URL(file, bundle), 'utf8')).matchAll(/^\/\/ src\/(.*)\.ts$/gm)) {
      found.set(module, (found.get(module) ?? new Set()).add(file));
    }
  }
  return found;
}

/** What a module declares outside of its functions and can change, by name; where a search begins is set anew for each. */
function stateOf(text: string): string[] {
  const declared = [...text.matchAll(/^(?:export )?(let|var|const) ([\w$]+)\b(?: = (new Weak\w+))?/gm)];
  return declared.flatMap(([, kind, name = '', weak]) => {
    const changes = new RegExp(
      `(?<![\\w$.])${name.replaceAll('$', '\\$')}(?:` +
        '\\.(?:set|add|delete|clear|push|pop|shift|unshift|splice|fill|sort|reverse|copyWithin|grow)\\(?' +
        '|\\[[^\\]]*\\] (?:[-+*|&]|\\?\\?|\\|\\|)?= |\\.(?!lastIndex)\\w+ (?:[-+*|&]|\\?\\?|\\|\\|)?= )',
    );
    return kind !== 'const' || weak !== undefined || changes.test(text) ? [name] : [];
  });
}

test('what a module can remember is noticed', () => {
  const text = `
let last = null;
const byKey = new Map(rows.map((row) => [row.key, row]));
const known = new Map();
const cache = new WeakMap();
export const list = [];
const counts = { all: 0 };
function note(row) {
  const known = new Map();
  known.set(row.key, row);
  list.push(byKey.get(row.key));
  counts.all += 1;
}
`;
  assert.deepEqual(stateOf(text), ['last', 'known', 'cache', 'list', 'counts']);
});

test('no module that stands in several files of the bundle keeps a state', async () => {
  const several = [...(await modules())].filter(([, files]) => files.size > 1).map(([module]) => module);
  for (const module of ['config/services', 'verbs/command']) assert.ok(several.includes(module), module);
  const found: string[] = [];
  for (const module of several) {
    const states = stateOf(await readFile(new URL(`${module}.js`, compiled), 'utf8'));
    found.push(...states.map((name) => `${module}: ${name}`));
  }
  assert.deepEqual(found.toSorted(), [...remembered, ...shared].toSorted());
});
