/** What the pages show as a file is one, and nothing is to be said about it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingRows } from '../../src/config/settings/rows.js';
import { readSettings } from '../../src/config/settings/settings.js';
import { asRead } from '../../src/manual/roff.js';
import { parsed } from '../helpers/configuration.js';
import { finishedPages } from '../helpers/manual.js';

const all = await finishedPages();

/** What a page displays as it is. */
function displays(name: string): string[] {
  const page = all.get(name) ?? assert.fail(name);
  return [...page.matchAll(/^\.Bd -literal[^\n]*\n([\s\S]*?)^\.Ed$/gm)].map(([, text = '']) => asRead(text));
}

test('the configurations of ldirectord.cf(5) load without a word', () => {
  const files = displays('ldirectord.cf.5').filter((text) => /^virtual6? = /m.test(text));
  assert.ok(files.length >= 7, String(files.length));
  for (const file of files) {
    const { config, diagnostics } = parsed(file);
    assert.deepEqual(diagnostics, [], file);
    assert.ok(
      config?.virtuals.every(({ realServers }) => realServers.length > 0),
      file,
    );
  }
});

test('the settings of ldirectord.ini(5) and ldirectord-metrics(7) are understood', () => {
  const shown = [...displays('ldirectord.ini.5'), ...displays('ldirectord-metrics.7')];
  const files = shown.filter((text) => settingRows.some(({ key }) => text.startsWith(`${key} = `)));
  assert.ok(files.length >= 2);
  for (const file of files) assert.deepEqual(readSettings(file).diagnostics, [], file);
});
