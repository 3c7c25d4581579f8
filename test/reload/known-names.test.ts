import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { KnownNames } from '../../src/reload/known-names.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const addresses = new Map([
  ['inet web1.example.com', '10.0.0.1'],
  ['inet6 web1.example.com', '2001:db8::1'],
]);

test('kept from one to the next, readable for its owner alone, and nothing is left beside it', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'ldirectord.web.cf.names');
  const first = await KnownNames.open(path);
  assert.deepEqual([first.addresses, first.fault], [new Map(), null]);
  await Promise.all([first.keep(new Map([['inet other', '10.0.0.9']])), first.keep(addresses)]);
  const second = await KnownNames.open(path);
  assert.deepEqual([second.addresses, second.fault], [addresses, null]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['ldirectord.web.cf.names']);
});

test('what has not changed is not written again', async (t) => {
  const path = join(await temporaryDirectory(t), 'names');
  const names = await KnownNames.open(path);
  await names.keep(addresses);
  const { ino } = await stat(path);
  await names.keep(new Map(addresses));
  assert.equal((await stat(path)).ino, ino);
});

test('a file that is not understood is told, and put aside as it is', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'names');
  const texts = [
    '',
    '{"v":1,"addresses":{"inet web1":"10.0',
    '{"v":2,"addresses":{}}',
    '{"v":1,"addresses":null}',
    '{"v":1,"addresses":{"inet web1":"nowhere"}}',
    '{"v":1,"addresses":{"inet6 web1":"10.0.0.1"}}',
    '{"v":1,"addresses":{"web1":"10.0.0.1"}}',
  ];
  for (const text of texts) {
    await writeFile(path, text);
    const names = await KnownNames.open(path);
    assert.deepEqual([...names.addresses], [], text);
    assert.match(names.fault ?? '', /^\/.*\/names: ./, text);
    assert.equal(await names.putAside(), `${path}.bad`);
    assert.equal(await readFile(`${path}.bad`, 'utf8'), text);
    await names.keep(addresses);
    assert.deepEqual((await KnownNames.open(path)).addresses, addresses);
  }
});

test('a file that cannot be written rejects, and the next one is tried again', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'later', 'names');
  const names = await KnownNames.open(path);
  await assert.rejects(names.keep(addresses), { code: 'ENOENT' });
  await mkdir(join(folder, 'later'));
  await names.keep(new Map([['inet web2', '10.0.0.2']]));
  assert.equal((await KnownNames.open(path)).addresses.size, 1);
});
