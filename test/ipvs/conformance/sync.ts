/** What synchronization daemons of every table have to do. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SyncDaemons } from '../../../src/ipvs/sync-daemon.js';

/** `open` gives those of a table without any, and an interface that they can run on. */
export function syncConformance(
  open: (t: TestContext) => Promise<{ readonly sync: SyncDaemons; readonly name: string }>,
): void {
  test('one of each kind runs, beside the other', async (t) => {
    const { sync, name } = await open(t);
    assert.deepEqual(await sync.daemons(), []);
    const master = {
      ...({ state: 'master', interface: name, syncId: 7 } as const),
      ...{ maxLength: 1400, group: '224.0.0.82', port: 8849, ttl: 2 },
    };
    await sync.startDaemon(master);
    await sync.startDaemon({ state: 'backup', interface: name, syncId: 0 });
    const [first, second, ...more] = (await sync.daemons()).toSorted((a, b) => b.state.localeCompare(a.state));
    assert.deepEqual([first, more], [master, []]);
    const { maxLength, ...known } = second ?? assert.fail();
    assert.ok(maxLength !== undefined && maxLength >= 1_000);
    const usual = { group: '224.0.0.81', port: 8848, ttl: 1 };
    assert.deepEqual(known, { state: 'backup', interface: name, syncId: 0, ...usual });
    await assert.rejects(sync.startDaemon({ ...master, syncId: 8 }), { code: 'EEXIST' });
    await sync.stopDaemon('master');
    assert.deepEqual(
      (await sync.daemons()).map(({ state }) => state),
      ['backup'],
    );
    await assert.rejects(sync.stopDaemon('master'), { code: 'ESRCH' });
    await sync.stopDaemon('backup');
    assert.deepEqual(await sync.daemons(), []);
    assert.equal(sync.isBackupOnly(), false);
  });
}
