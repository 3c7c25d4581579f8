import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadSettings } from '../../src/config/settings/settings.js';
import { EventBus } from '../../src/events.js';
import { capabilitiesOf } from '../../src/ipvs/capabilities.js';
import { readConfiguration } from '../../src/reload/read.js';
import { type Occasion, type Ruling, Source } from '../../src/reload/source.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const virtuals = [1, 2, 3]
  .map((n) => `virtual=192.0.2.${n}:80\n\treal=10.0.0.1:80 masq\n\treal=10.0.0.2:80 masq\n\tchecktype=on\n`)
  .join('');
const text = `autoreload=yes\n${virtuals}`;
const settings = '[maintenance rack]\nserver = 10.0.0.1\ndrainat = 2026-01-01 00:00\n';
/** Milliseconds that no test reaches. */
const ample = 3_600_000;

/** A source whose files are in a folder of the test's own, with what it says is worth a look. */
async function opened(t: TestContext, patience: number) {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  const ini = join(folder, 'ldirectord.ini');
  await writeFile(file, text);
  await writeFile(ini, settings);
  const occasions: Occasion[] = [];
  const loaded = await readConfiguration(file, { strict: false });
  const { config } = loaded;
  assert.ok(config);
  const bus = new EventBus();
  const onOccasion = (occasion: Occasion): void => void occasions.push(occasion);
  const options = {
    file,
    strict: false,
    capabilities: capabilitiesOf('memory'),
    lookup: async () => assert.fail(),
    publish: bus.publish,
    onOccasion,
    patience,
  };
  const source = new Source(options, { ...loaded, config }, await loadSettings(file));
  t.after(() => source.close());
  const ruling: Ruling = { config, text, addresses: new Map() };
  const read = async (occasion: Occasion) => (await source.read(occasion, ruling)) !== null;
  return { source, file, ini, occasions, read };
}

/** As they are found while a file is written: cut, without what is to follow, or empty. */
const halves = [
  text.slice(0, text.indexOf('virtual=192.0.2.3')),
  text.slice(0, text.lastIndexOf('\treal=')),
  text.slice(0, text.lastIndexOf('\tchecktype')),
  text.slice(0, -2),
  'autoreload=yes\n',
  '',
  `${text}virtual=192.0.2.4:8`,
];

test('half of a file is not believed before it has stood for a while, and the whole of it at once', async (t) => {
  const { file, read, occasions } = await opened(t, ample);
  for (const half of halves) {
    await writeFile(file, half);
    assert.equal(await read('touch'), false, half);
    await writeFile(file, text);
    assert.equal(await read('touch'), false);
  }
  assert.deepEqual(occasions, []);
  await writeFile(file, `${text}virtual=192.0.2.4:80\n\treal=10.0.0.1:80 masq\n`);
  assert.equal(await read('touch'), true);
});

test('what says something new of the same is believed at once', async (t) => {
  const { file, ini, read } = await opened(t, ample);
  for (const edited of [
    text.replace('10.0.0.1:80 masq', '10.0.0.1:80 gate 7'),
    text.replace('checktype=on', 'checktype=connect\n# as of today\n\tquiescent=yes'),
    `# new at the top\n${text}`,
  ]) {
    await writeFile(file, edited);
    assert.equal(await read('touch'), true, edited);
    await writeFile(file, text);
    assert.equal(await read('request'), true);
  }
  await writeFile(ini, settings.replace('00:00', '01:00'));
  assert.equal(await read('touch'), true);
});

test('what stands unchanged for long enough is believed, and what changes meanwhile has its own time', async (t) => {
  const { file, read, occasions } = await opened(t, 50);
  await writeFile(file, halves[0] ?? '');
  assert.equal(await read('touch'), false);
  await writeFile(file, halves[1] ?? '');
  assert.equal(await read('touch'), false);
  // On a busy machine the time of the first half is over before the second one is written.
  let asked = 0;
  await until('it is believed', async () => {
    if (occasions.length === asked) return false;
    asked = occasions.length;
    return read('patience');
  });
  assert.deepEqual([...new Set(occasions)], ['patience']);
});

test('half of a file that was there before for a moment has to stand anew', async (t) => {
  const { file, read } = await opened(t, ample);
  for (let turn = 0; turn < 2; turn += 1) {
    await writeFile(file, halves[0] ?? '');
    assert.equal(await read('touch'), false);
    await writeFile(file, text);
    assert.equal(await read('touch'), false);
  }
});

test('who asks for it gets what stands there', async (t) => {
  const { file, read } = await opened(t, ample);
  await writeFile(file, halves[0] ?? '');
  assert.equal(await read('touch'), false);
  assert.equal(await read('request'), true);
});

test('settings that are away, empty or cut for a moment hold on', async (t) => {
  const { source, file, ini, read } = await opened(t, ample);
  const half = settings.slice(0, settings.indexOf('drainat'));
  for (const change of [() => rename(ini, `${ini}~`), () => writeFile(ini, ''), () => writeFile(ini, half)]) {
    await change();
    assert.equal(await read('touch'), false);
    await rm(ini, { force: true });
    await writeFile(ini, settings);
    assert.equal(await read('touch'), false);
  }
  await writeFile(ini, `${settings}loglevel = debug\n`);
  assert.equal(await read('touch'), true);
  await rm(ini);
  await writeFile(file, text);
  assert.equal(await read('request'), true);
  assert.deepEqual(source.settings.maintenance, []);
});

test('what changed between the first reading and the watch is noticed', async (t) => {
  const { source, file, occasions, read } = await opened(t, 1);
  await writeFile(file, text.replaceAll('10.0.0.2', '10.0.0.3'));
  await source.watch();
  assert.deepEqual(occasions, ['touch']);
  await read('touch');
  await until('it is believed', () => read('patience'));
});
