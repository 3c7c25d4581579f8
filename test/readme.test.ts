import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { upByCheckType } from '../src/config/check-types.js';
import { directives } from '../src/config/directives.js';
import { serviceRows } from '../src/config/service-lists.js';
import { settingRows } from '../src/config/setting-rows.js';
import { controlVerbs } from '../src/control/handlers.js';
import { errorCodes } from '../src/control/protocol.js';
import { eventSentences } from '../src/events.js';
import { metricRows } from '../src/observe/metrics/scrape.js';
import { environmentRows, exitRows, optionRows, verbRows } from '../src/verbs/help.js';
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

test('the table of settings is the code’s', async () => {
  const rows = settingRows.map(
    ({ key, scope, fallback, summary }) =>
      `| \`${key}\` | ${scope === 'top' ? 'top' : '[maintenance NAME]'} | ${fallback} | ${summary} |\n`,
  );
  await assertSection('settings', `| Key | Where | Default | What it says |\n|---|---|---|---|\n${rows.join('')}`);
});

test('the table of events is the code’s', async () => {
  const rows = Object.entries(eventSentences).map(([type, sentence]) => `| \`${type}\` | ${sentence} |\n`);
  await assertSection('events', `| Event | When |\n|---|---|\n${rows.join('')}`);
});

test('the table of metrics is the code’s', async () => {
  const rows = metricRows.map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |\n`,
  );
  await assertSection('metrics', `| Metric | Type | Labels | What it says |\n|---|---|---|---|\n${rows.join('')}`);
});

test('the table of the control socket’s verbs and errors is the code’s', async () => {
  const verbs = Object.entries(controlVerbs).map(([verb, sentence]) => `| \`${verb}\` | ${sentence} |\n`);
  const errors = Object.entries(errorCodes).map(([code, sentence]) => `| \`${code}\` | ${sentence} |\n`);
  await assertSection(
    'control',
    `| Verb | What it is given, and what it answers |\n|---|---|\n${verbs.join('')}\n` +
      `| Error | When |\n|---|---|\n${errors.join('')}`,
  );
});

test('the table of check types is the code’s', async () => {
  const rows = Object.entries(upByCheckType).map(([type, up]) => `| \`${type}\` | ${up} |\n`);
  await assertSection('check types', `| \`checktype\` | Up means |\n|---|---|\n${rows.join('')}`);
});

test('the table of services is the probes’', async () => {
  const rows = serviceRows().map(({ names, request, up }) => {
    const cell = request === '' ? '' : ` ${request}`;
    return `| ${names.map((name) => `\`${name}\``).join(', ')} |${cell} | ${up} |\n`;
  });
  await assertSection('services', `| Service | \`request\` | Up means |\n|---|---|---|\n${rows.join('')}`);
});

test('the tables of the command line are the help’s', async () => {
  const table = (heading: string, rows: typeof verbRows): string =>
    `| ${heading} | What it does |\n|---|---|\n${rows.map(([name, summary]) => `| \`${name}\` | ${summary} |\n`).join('')}`;
  await assertSection('verbs', table('Verb', verbRows));
  await assertSection('options', table('Option', optionRows));
  await assertSection('exit', table('Exit status', exitRows).replace('What it does', 'When'));
  await assertSection('environment', table('Variable', environmentRows));
});
