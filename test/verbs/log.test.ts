import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultSettings } from '../../src/config/settings/rows.js';
import { openLog } from '../../src/verbs/log.js';
import { configOf } from '../helpers/configuration.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('nobody who ceases to read standard output or standard error ends the process', async (t) => {
  const logfile = join(await temporaryDirectory(t), 'log');
  const config = configOf(`logfile="${logfile}"\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n`);
  const options = { debug: false, foreground: false, name: 'web.cf', publish: () => {} };
  const log = openLog(options, config, defaultSettings);
  t.after(() => log.close());
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  for (const stream of [process.stdout, process.stderr]) assert.ok(stream.emit('error', broken));
});
