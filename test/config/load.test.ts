import assert from 'node:assert/strict';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from '../../src/config/load.js';
import type { Lookup } from '../../src/config/resolve.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const lookup: Lookup = async (name) => {
  if (name === 'web') {
    return '192.0.2.2';
  }
  throw new Error('no such name (ENOTFOUND)');
};

const text = 'virtual=192.0.2.1:80\n\treal=web:80 gate\n\treal=gone:80 gate\n';

test('a file is read, parsed and resolved', async (context) => {
  const file = join(await temporaryDirectory(context), 'web.cf');
  await writeFile(file, text);
  const loaded = await load(file, { strict: true, lookup });
  assert.equal(loaded.text, text);
  const [virtual] = loaded.config?.virtuals ?? [];
  assert.equal(virtual?.endpoint.protocol === 'tcp' && virtual.endpoint.port, 80);
  assert.deepEqual(
    virtual?.realServers.map(({ host }) => host.address),
    ['192.0.2.2', null],
  );
  assert.deepEqual(
    loaded.diagnostics.map(({ code, span }) => [code, span.line]),
    [['unresolved-name', 3]],
  );
});

test('an error is a diagnostic, not a rejection, and nobody is asked', async (context) => {
  const file = join(await temporaryDirectory(context), 'bad.cf');
  await writeFile(file, `nonsense=1\n${text}`);
  const loaded = await load(file, { strict: true, lookup: async (name) => assert.fail(`asked for ${name}`) });
  assert.equal(loaded.config, null);
  assert.ok(loaded.diagnostics.some(({ severity, span }) => severity === 'error' && span.line === 1));
});

test('what is no UTF-8 is Latin-1, and a byte order mark stays in the text', async (context) => {
  const directory = await temporaryDirectory(context);
  const latin = join(directory, 'latin.cf');
  await writeFile(latin, Buffer.from('# B\xfcro\n', 'latin1'));
  assert.equal((await load(latin, { strict: false })).text, '# Büro\n');
  const marked = join(directory, 'marked.cf');
  await writeFile(marked, '\ufeff# Büro\n');
  assert.equal((await load(marked, { strict: false })).text, '\ufeff# Büro\n');
});

test('what cannot be read rejects with code, path and advice', async (context) => {
  const directory = await temporaryDirectory(context);
  const missing = join(directory, 'missing.cf');
  await assert.rejects(load(missing, { strict: true }), {
    code: 'ENOENT',
    message: `cannot read the configuration file ${missing}: there is no such file; check the path, or write it (ENOENT)`,
  });
  await mkdir(join(directory, 'folder'));
  await assert.rejects(load(join(directory, 'folder'), { strict: true }), { code: 'EISDIR' });
  await assert.rejects(load('/dev/zero', { strict: true }), { code: 'EINVAL' });
});

test('a file beyond 64 MiB is not read', async (context) => {
  const file = join(await temporaryDirectory(context), 'huge.cf');
  const handle = await open(file, 'w');
  await handle.truncate(64 * 1024 * 1024 + 1);
  await handle.close();
  await assert.rejects(load(file, { strict: true }), { code: 'EFBIG' });
});
