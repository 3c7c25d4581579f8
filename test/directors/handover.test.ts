/** Who elects is told that a director that is handed over is not fit, and that it is again. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readSettings } from '../../src/config/settings/settings.js';
import { Directors, type DirectorsOptions } from '../../src/directors/directors.js';
import { noSyncJournal } from '../../src/directors/sync/journal.js';
import type { Event } from '../../src/events.js';
import { configOf } from '../helpers/configuration.js';
import { until } from '../helpers/deadline.js';
import { standingsOf } from '../helpers/standings.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const config = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n');
const alice = { who: 'alice', why: 'a new kernel' };

async function directors(t: TestContext, lines: string, options: Partial<DirectorsOptions> = {}) {
  const events: Event[] = [];
  const made = new Directors({
    instance: 'web',
    publish: (event) => void events.push(event),
    ownAddresses: async () => new Map(),
    onRole: () => {},
    sync: { daemons: null, journal: noSyncJournal },
    stands: () => true,
    addresses: null,
    ...options,
  });
  t.after(() => made.close());
  const { settings, diagnostics } = readSettings(lines);
  assert.deepEqual(diagnostics, []);
  await made.configure(settings, config);
  made.decided(standingsOf(config, { isUp: () => true }));
  return { directors: made, events };
}

test('where nobody announces nor elects by us it is refused, and so it is where no other is ready', async (t) => {
  const nothing = await directors(t, '');
  await assert.rejects(nothing.directors.handover.handOver({ ...alice, force: true }), { code: 'refused' });
  const folder = await temporaryDirectory(t);
  const fitness = `[role]\nfitnessfile = ${join(folder, 'fitness')}\n`;
  for (const [ready, code] of [
    [null, 'nobody-ready'],
    [[], 'nobody-ready'],
  ] as const) {
    const { directors: made } = await directors(t, fitness, { othersReady: () => ready });
    await assert.rejects(made.handover.handOver({ ...alice, force: false }), { code });
    await assert.rejects(made.handover.takeBack(alice), { code: 'refused' });
  }
});

test('its fitness is 0 while it is handed over, and as before when it is taken back', async (t) => {
  const file = join(await temporaryDirectory(t), 'fitness');
  const { directors: made, events } = await directors(t, `[role]\nfitnessfile = ${file}\n`, {
    othersReady: () => ['lb2'],
  });
  const says = (number: number) =>
    until(`it says ${number}`, async () => (await readFile(file, 'utf8').catch(() => '')) === `${number}\n`);
  await says(100);
  const { notes, handover } = await made.handover.handOver({ ...alice, force: false });
  assert.deepEqual([notes, handover?.who], [[], 'alice']);
  await says(0);
  made.decided(standingsOf(config, { isUp: () => true }));
  assert.equal(made.fitness, 0);
  await made.handover.takeBack(alice);
  await says(100);
  assert.deepEqual(
    events.map(({ type }) => type).filter((type) => type.startsWith('handover')),
    ['handover-began', 'handover-ended'],
  );
});
