import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileOf, pages } from '../src/manual/pages.js';
import { verbRows } from '../src/verbs/help.js';
import { parsed } from './helpers/configuration.js';
import { repository } from './helpers/repository.js';

const path = `${repository}README.md`;
/** Bytes: what somebody reads who wants to know what this is. */
const mostBytes = 15_000;

/**
 * The part of the README between two marks is made from the code. `UPDATE_README=1 npm test` writes it anew.
 */
async function assertSection(name: string, expected: string): Promise<void> {
  const readme = await readFile(path, 'utf8');
  const section = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (process.env['UPDATE_README'])
    await writeFile(
      path,
      readme.replace(section, (_, open, close) => open + expected + close),
    );
  else assert.equal(section.exec(readme)?.[0], `<!-- ${name} -->\n${expected}<!-- /${name} -->`);
}

test('the table of verbs is the help’s', async () => {
  const rows = verbRows.map(([name, summary]) => `| \`${name}\` | ${summary} |\n`);
  await assertSection('verbs', `| Verb | What it does |\n|---|---|\n${rows.join('')}`);
});

test('its configuration loads without a word', async () => {
  const [, text = ''] = /A file, with .*:\n\n((?: {4}.*\n|\n)+)/.exec(await readFile(path, 'utf8')) ?? [];
  const { config, diagnostics } = parsed(text.replaceAll(/^ {4}/gm, ''));
  assert.deepEqual([config?.virtuals.length, diagnostics], [1, []]);
});

test('it is short', async () => {
  assert.ok((await stat(path)).size <= mostBytes);
});

test('it sends its reader to each page of the manual, and to files that there are', async () => {
  const readme = await readFile(path, 'utf8');
  for (const page of pages) {
    assert.ok(readme.includes(`\`ldirectord help ${page.topic}\`, ${page.name}(${page.section})`), fileOf(page));
  }
  for (const file of ['README.md', 'test/README.md', 'CHANGELOG.md']) {
    const text = await readFile(`${repository}${file}`, 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert.ok(existsSync(join(repository, dirname(file), target)), `${file}: ${target}`);
    }
  }
});
