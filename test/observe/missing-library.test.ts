/** The program's own files may be away for a moment, as while another version is being installed. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import Module from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Log } from '../../src/observe/log.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('a log that is to be JSON from now on is text where the library cannot be loaded', async (t) => {
  // How Node looks for what is asked for with `require`; there is no official way to let it find nothing.
  const resolver = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const resolve = resolver._resolveFilename;
  t.after(() => {
    resolver._resolveFilename = resolve;
  });
  resolver._resolveFilename = (request, ...rest) => {
    if (request === 'pino') throw Object.assign(new Error('gone'), { code: 'MODULE_NOT_FOUND' });
    return resolve(request, ...rest);
  };
  const logfile = join(await temporaryDirectory(t), 'log');
  const writer = { name: 'web.cf', pid: 47 };
  const settings = { logfile, format: 'text', level: 'info' } as const;
  const log = new Log({ ...writer, send: () => null, journal: null, publish: () => {} }, settings);
  log.configure({ ...settings, format: 'json' });
  log.listener({ type: 'terminated', cause: 'signal: TERM' });
  await log.close();
  assert.match(await readFile(logfile, 'utf8'), /\|web\.cf\|47\] Linux Director Daemon terminated on signal: TERM\n$/);
});
