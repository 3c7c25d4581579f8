import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { directives } from '../src/config/directives.js';
import { extensionServiceNames, serviceNames } from '../src/config/model.js';
import { eventSentences } from '../src/events.js';
import { ldirectord } from './helpers/process.js';
import { repository } from './helpers/repository.js';

const path = `${repository}README.md`;

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

test('the table of directives is the code’s', async () => {
  const rows = directives.map(
    ({ keyword, scope, fallback, summary }) => `| \`${keyword}\` | ${scope} | ${fallback} | ${summary} |\n`,
  );
  await assertSection(
    'directives',
    `| Directive | Where | Default | What it says |\n|---|---|---|---|\n${rows.join('')}`,
  );
});

test('the table of events is the code’s', async () => {
  const rows = Object.entries(eventSentences).map(([type, sentence]) => `| \`${type}\` | ${sentence} |\n`);
  await assertSection('events', `| Event | When |\n|---|---|\n${rows.join('')}`);
});

test('every service stands in the README’s table, and the other way round', async () => {
  const readme = await readFile(path, 'utf8');
  const section = readme.slice(readme.indexOf('## Checks of services'), readme.indexOf('## Checks by HTTP'));
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell ?? '');
  const names = cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
  assert.deepEqual(names.sort(), [...serviceNames, ...extensionServiceNames].sort());
});

test('every verb and option of the help stands in the README, and the other way round', async (t) => {
  const readme = await readFile(path, 'utf8');
  const { stdout } = await ldirectord(t, '--help');
  const words = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word]) => word).sort();
  const section = readme.slice(readme.indexOf('## The command'), readme.indexOf('## The file'));
  assert.deepEqual(words(section, /^\| `([a-z][a-z-]+)` \|/gm), words(stdout, /^ {2}([a-z][a-z-]+) {2,}/gm));
  assert.deepEqual(
    words(section, /^\|.*`(--[a-z]+)/gm),
    words(stdout.slice(0, stdout.indexOf('Examples')), /^ {2}.*?(--[a-z]+)/gm),
  );
});
