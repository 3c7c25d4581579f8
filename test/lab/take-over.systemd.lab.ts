/** The package with Perl's ldirectord gives way to this program. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cli } from '../helpers/process.js';
import { tally } from './inside/client.js';
import { run } from './inside/command.js';
import { listing } from './inside/table.js';
import { assertRuns, configuration, fewManuals, file, property, rules, scene, tableIs, unit } from './inside/unit.js';

/** Milliseconds: it copies some thousand files, through two kernels. */
const installerPatience = 300_000;
/** Milliseconds: the guest can stand still for some seconds meanwhile. The table's gaps are seen by looking at it. */
const clientPatience = 15_000;

async function runInstaller(...options: string[]): Promise<string> {
  return (
    await promisify(execFile)(process.execPath, [cli, 'install-system', ...options], { timeout: installerPatience })
  ).stdout;
}

test('the package with Perl’s ldirectord is taken over while it serves', async (t) => {
  const { client } = await scene(t);
  await fewManuals();
  // Which packages may start and stop is the administrator's to say; here nobody has said anything.
  await rm('/usr/sbin/policy-rc.d', { force: true });
  await writeFile(file, configuration(1));
  const another = '-A -t 192.0.2.1:80 -s wrr\n-a -t 192.0.2.1:80 -r 192.0.2.2:80 -g -w 1';
  await writeFile('/etc/ha.d/two.cf', 'virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n');
  await run('systemctl', 'enable', unit);
  await run('systemctl', 'start', unit);
  await run('ldirectord', 'two.cf', 'start');
  t.after(async () => {
    await run('ldirectord', 'two.cf', 'stop');
    await run('systemctl', 'stop', unit);
  });
  const all = [...rules(1), ...another.split('\n')].toSorted();
  await tableIs(all);

  const before = await property('MainPID');
  await assert.rejects(runInstaller(), /is another program's: .*--take-over/);
  await writeFile('/etc/ha.d/two.cf', 'bogus=1\nvirtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n');
  await assert.rejects(runInstaller('--take-over'), /two\.cf:1:1: error/);
  assert.equal(await property('MainPID'), before);
  await writeFile('/etc/ha.d/two.cf', 'virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n');

  const standing = listing();
  const seen = new Set<string>();
  let words = '';
  const answers = await client.during(async () => {
    let isOver = false;
    const over = runInstaller('--take-over').finally(() => {
      isOver = true;
    });
    while (!isOver) {
      seen.add(listing());
      await sleep(20);
    }
    words = await over;
    // Some checks more.
    await sleep(2_500);
    seen.add(listing());
  }, clientPatience);
  assert.deepEqual([...seen], [standing]);
  await tableIs(all);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);

  assert.match(words, /^dpkg --purge ldirectord \(kept: the table, \/etc\/ha\.d\/ldirectord\.cf\)$/m);
  assert.match(words, /^systemctl start ldirectord\.service$/m);
  assert.match(words, /^\/usr\/sbin\/ldirectord two\.cf start$/m);
  for (const pid of [await assertRuns(), Number(await readFile('/run/ldirectord.two.cf.pid', 'utf8'))]) {
    assert.equal(await readlink(`/proc/${pid}/exe`), process.execPath);
  }
  assert.equal((await run('systemctl', 'is-enabled', unit)).trim(), 'enabled');
  await assert.rejects(run('dpkg-query', '--listfiles', 'ldirectord'));
  assert.equal(await readFile(file, 'utf8'), configuration(1));
  assert.match(await readFile('/etc/logrotate.d/ldirectord', 'utf8'), /rotate 4/);
  assert.match(await run('apropos', 'ldirectord'), /^ldirectord\.ini \(5\)/m);
  await assert.rejects(runInstaller('--take-over'), /no package has/);
  await assert.rejects(runInstaller('--uninstall'), /it runs, as process \d+, \d+; end it first/);
});
