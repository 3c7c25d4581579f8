/** A director that is active where the addresses of its services stand, and that puts such addresses there itself. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '../src/events.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { addressJournal } from '../src/path/addresses/journal.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { ip, ownNetwork } from './helpers/own-network.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { standing } from './reconcile/watched.js';

const skip = ownNetwork();
const vip = '192.0.2.1';
const text = `virtual=${vip}:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\n\tvip=d0\n`;
const settings = '[role]\nrole = address\ntable = active\n';

/** As the kernel's, which is there for the next one. */
class Outliving extends MemoryBackend {
  override close = async (): Promise<void> => {};
}

test('an address that comes makes it active, with its own beside it, which is no sign; and one that goes ends it', {
  skip,
}, async (t) => {
  for (const pair of ['d0 type veth peer name p0', 'd1 type veth peer name p1']) ip(`link add ${pair}`);
  for (const device of ['d0', 'p0', 'd1', 'p1']) ip(`link set ${device} up`);
  t.after(() => {
    for (const device of ['d0', 'd1']) ip(`link del ${device}`);
  });
  const backend = new Outliving();
  const path = join(await temporaryDirectory(t), 'vips');
  const start = (onEvent?: (event: Event) => void) =>
    startDaemon(t, text, { backend, settings, addressJournal: addressJournal(path) }, onEvent);
  const served = async (): Promise<boolean> => Object.keys(await standing(backend)).length === 1;
  const own = (): boolean => ip('-o addr show dev d0').includes(` ${vip}/32 `);

  const first = await start();
  assert.ok(!(await served()) && !own(), 'nobody has elected it');
  ip(`addr add ${vip}/32 dev d1`);
  await until('it serves, and has its own address', async () => (await served()) && own());
  ip(`addr del ${vip}/32 dev d1`);
  await until('its own keeps it nothing', async () => !(await served()) && !own());
  ip(`addr add ${vip}/32 dev d1`);
  await until('it serves again', async () => (await served()) && own());
  await first.daemon.leave('a restart');

  // While it was away it was passive: what it left of itself is no sign of a role.
  ip(`addr del ${vip}/32 dev d1`);
  assert.ok((await served()) && own());
  const second = await start();
  await until('what was left is taken out', async () => !(await served()) && !own());
  assert.deepEqual(
    second.events.flatMap((event) => (event.type === 'role-changed' ? [event.role] : [])),
    ['passive'],
  );
});
