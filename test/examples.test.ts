import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { readConfiguration } from '../src/reload/read.js';
import { repository } from './helpers/repository.js';

const folder = `${repository}examples/`;
const files = readdirSync(folder).filter((name) => name.endsWith('.cf'));
/** What they need goes beyond what strict mode knows. */
const walks = readdirSync(`${folder}walks`).map((name) => `walks/${name}/${name}.cf`);

const machines: ReadonlySet<string> = new Set(['nft-missing', 'snat-without-conntrack']);

test('there are examples', () => assert.ok(files.length >= 10, String(files)));

for (const name of [...files, ...walks]) {
  for (const strict of walks.includes(name) ? [false] : [false, true]) {
    test(`${name} loads without a word${strict ? ', strictly too' : ''}`, async () => {
      const { config, diagnostics } = await readConfiguration(`${folder}${name}`, { strict });
      // That only root can write to the log is no matter of the file.
      // Nor is what the machine of the test has.
      const isTold = ({ code }: { code: string }) =>
        !machines.has(code) && (code !== 'unwritable-output' || process.getuid?.() === 0);
      assert.deepEqual(diagnostics.filter(isTold), []);
      assert.ok(config && config.virtuals.length > 0);
    });
  }
}
