import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon } from '../../../src/daemon.js';
import { type Event, EventBus } from '../../../src/events.js';
import { MemoryBackend } from '../../../src/ipvs/memory.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { until } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { fetched } from '../../helpers/web-site.js';

const answers = (base: string): Promise<boolean> =>
  fetch(`${base}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

test('a reload opens, moves and closes what a director shows, and its end lets go of all', async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  const settings = (text: string) => writeFile(join(folder, 'ldirectord.ini'), text);
  await writeFile(file, 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq 3\n\tchecktype=on\n');
  const [one, other] = [await freePort(), await freePort()];
  const [first, second] = [`http://127.0.0.1:${one}`, `http://[::1]:${other}`];
  const opened = (base: string) => until(`${base} answers`, () => answers(base));
  const closed = (base: string) => until(`${base} does not answer`, async () => !(await answers(base)));
  await withoutLeaks(async () => {
    const bus = new EventBus();
    const events: Event[] = [];
    bus.subscribe((event) => events.push(event));
    const loaded = await readConfiguration(file, { strict: false });
    assert.ok(loaded.config);
    const options = { file, strict: false, bus, version: '1.2.3', backend: new MemoryBackend() };
    const daemon = await Daemon.start(options, { ...loaded, config: loaded.config });
    try {
      assert.ok(!(await answers(first)), 'nothing listens unless it is asked for');
      await settings(`http = ${one}\n`);
      await daemon.reload();
      await opened(first);
      const { virtuals } = JSON.parse(await fetched(`${first}/api/v1/status`));
      assert.deepEqual([virtuals[0].name, virtuals[0].servers[0].weight], ['192.0.2.1:80', 3]);
      const metrics = await fetched(`${first}/metrics`);
      assert.match(metrics, /^ldirectord_server_weight\{.*server="10\.0\.0\.1:80"\} 3$/m);
      assert.match(metrics, /^ldirectord_table_changes_total\{object="real",action="added"\} 1$/m);
      assert.match(metrics, /^ldirectord_table_step_duration_seconds_count\{step="read"\} [1-9]/m);
      await settings(`http = [::1]:${other}\n`);
      await daemon.reload();
      await opened(second);
      await closed(first);
      await settings('');
      await daemon.reload();
      await closed(second);
      await settings(`http = ${one}\n`);
      await daemon.reload();
      await opened(first);
    } finally {
      await daemon.stop('end of the test');
    }
    assert.ok(!(await answers(first)));
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'http-opened' ? [event.address] : [])),
      [`127.0.0.1:${one}`, `[::1]:${other}`, `127.0.0.1:${one}`],
    );
  });
});
