import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { announcementFile } from '../../../src/directors/announce/kept.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const states = new Map([['192.0.2.1', { isHealthy: true, since: 5, isUp: true }]]);
const handover = { who: 'alice', since: 7, why: 'a new kernel' };

test('what was kept is known until the machine boots, and that it is handed over after that as well', async (t) => {
  const path = join(await temporaryDirectory(t), 'announcements');
  const file = announcementFile(path, async () => 'one');
  assert.deepEqual(await file.read(), { states: new Map(), handover: null, fault: null });
  await file.write({ states, handover });
  assert.deepEqual(await file.read(), { states, handover, fault: null });
  const next = announcementFile(path, async () => 'two');
  assert.deepEqual(await next.read(), { states: new Map(), handover, fault: null });
  await next.write({ states: new Map(), handover: { ...unknownOrigin } });
  assert.deepEqual(await next.read(), { states: new Map(), handover: unknownOrigin, fault: null });
});

test('a file that is damaged, or another’s, is put aside and told', async (t) => {
  const path = join(await temporaryDirectory(t), 'announcements');
  const file = announcementFile(path, async () => 'one');
  await file.write({ states, handover });
  const whole = await readFile(path, 'utf8');
  for (const text of [
    whole.slice(0, -10),
    'null',
    '[]',
    whole.replace('announcements', 'vips'),
    whole.replace('"v":1', '"v":2'),
    whole.replace('"isUp":true', '"isUp":1'),
    whole.replace('"alice"', '"al\\nice"'),
  ]) {
    assert.notEqual(text, whole);
    await writeFile(path, text);
    const found = await file.read();
    assert.deepEqual([found.states.size, found.handover], [0, null], text);
    assert.match(found.fault ?? '', /it is .*\.bad now$/);
    assert.deepEqual(await readdir(dirname(path)), ['announcements.bad']);
  }
});
