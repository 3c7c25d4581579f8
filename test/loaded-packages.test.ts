/** What a director loads before it knows what it is for: packages cost it megabytes each, for years. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const source = (path: string): URL => new URL(`../src/${path}`, import.meta.url);

/** Packages that a compiled file imports, by itself or through others, before any of its functions runs. */
async function packagesOf(start: URL): Promise<string[]> {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const waiting = [start];
  for (const file of waiting) {
    if (seen.has(file.href)) continue;
    seen.add(file.href);
    for (const [, from = ''] of (await readFile(file, 'utf8')).matchAll(
      /^(?:import|export) (?:[^;]*? from )?'([^']+)';$/gm,
    )) {
      if (from.startsWith('.')) waiting.push(new URL(from, file));
      else if (!from.startsWith('node:')) packages.add(from);
    }
  }
  return [...packages].sort();
}

const expected: readonly (readonly [path: string, packages: readonly string[]])[] = [
  ['cli.js', []],
  ['verbs/control.js', []],
  ['verbs/list.js', []],
  ['verbs/inspect.js', []],
  // For sockets.
  ['verbs/start.js', ['koffi']],
  ['daemon.js', ['koffi']],
  ['probes/index.js', ['koffi']],
];

for (const [path, packages] of expected) {
  test(`${path} loads ${packages.join(' and ') || 'no package'} before it is used`, async () => {
    assert.deepEqual(await packagesOf(source(path)), packages);
  });
}

test('what loads packages is noticed', async () => {
  assert.deepEqual(await packagesOf(source('probes/services/websocket.js')), ['koffi', 'ws']);
});
