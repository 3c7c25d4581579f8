import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PidFile, pidFilePath, readPidFile } from '../../src/process/pid-file.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

async function path(t: TestContext): Promise<string> {
  return pidFilePath('web.cf', { LDIRECTORD_RUN_DIR: await temporaryDirectory(t) });
}

/** A process that does nothing, under this name. */
async function processNamed(t: TestContext, name: string): Promise<number> {
  const child = spawn('sleep', ['1000'], { argv0: name });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child.pid ?? assert.fail();
}

test('the name of the file', () => {
  assert.equal(pidFilePath('web.cf', {}), '/var/run/ldirectord.web.cf.pid');
  assert.equal(pidFilePath('web.cf', { LDIRECTORD_RUN_DIR: '/tmp/x' }), '/tmp/x/ldirectord.web.cf.pid');
});

test('claimed by one, then taken away', async (t) => {
  const file = await path(t);
  const first = (await PidFile.claim(file)) ?? assert.fail();
  assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
  assert.equal((await stat(file)).mode & 0o022, 0);
  assert.equal(await PidFile.claim(file), null);
  await Promise.all([first.release(), first.release()]);
  await first.release();
  await assert.rejects(stat(file), { code: 'ENOENT' });
  const second = (await PidFile.claim(file)) ?? assert.fail();
  await second.release();
});

test('what another one wrote in its place stays', async (t) => {
  const file = await path(t);
  const first = (await PidFile.claim(file)) ?? assert.fail();
  await rm(file);
  const second = (await PidFile.claim(file)) ?? assert.fail();
  await first.release();
  assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
  await second.release();
});

test('of twenty at once one gets it', async (t) => {
  const file = await path(t);
  for (const before of [null, '99999999\n', '']) {
    if (before !== null) await writeFile(file, before);
    const claims = await Promise.all(Array.from({ length: 20 }, () => PidFile.claim(file)));
    const [winner, ...others] = claims.filter((claim) => claim !== null);
    assert.equal(others.length, 0);
    await (winner ?? assert.fail()).release();
  }
});

test('Perl’s ldirectord, which takes no lock, counts by the script that Perl carries out', async (t) => {
  const file = await path(t);
  const names = ['/usr/bin/perl -w /usr/sbin/ldirectord', '/usr/bin/perl5.36.0 /usr/sbin/ldirectord.pl web.cf start'];
  for (const name of names) {
    const pid = await processNamed(t, name);
    await writeFile(file, `${pid}\n`);
    assert.deepEqual(await readPidFile(file), { state: 'running', pid });
    assert.equal(await PidFile.claim(file), null);
    assert.equal(await readFile(file, 'utf8'), `${pid}\n`);
  }
});

test('a number that another process has by now does not count, whatever its command line mentions', async (t) => {
  const file = await path(t);
  const names = ['tail -f /var/log/ldirectord.log', 'ldirectord /etc/ha.d/other.cf', 'perl -w check.pl ldirectord'];
  for (const pid of [process.pid, ...(await Promise.all(names.map((name) => processNamed(t, name))))]) {
    await writeFile(file, `${pid}\n`);
    assert.deepEqual(await readPidFile(file), { state: 'stale' });
    const claim = (await PidFile.claim(file)) ?? assert.fail();
    await claim.release();
  }
});

test('who has the lock runs, whatever the file says', async (t) => {
  const file = await path(t);
  const claim = (await PidFile.claim(file)) ?? assert.fail();
  await writeFile(file, '99999999\n');
  assert.equal((await readPidFile(file)).state, 'running');
  // Others, as overlayfs and btrfs, are called otherwise in /proc/locks.
  const [tmpfs, ext4, xfs] = [0x0102_1994, 0xef53, 0x5846_5342];
  const { type } = await statfs(dirname(file));
  for (const text of [tmpfs, ext4, xfs].includes(type) ? ['1\n', '99999999\n', ''] : []) {
    await writeFile(file, text);
    assert.deepEqual(await readPidFile(file), { state: 'running', pid: process.pid });
  }
  await claim.release();
});

test('looks at the file keep nobody from claiming it', async (t) => {
  const file = await path(t);
  await writeFile(file, '99999999\n');
  let over = false;
  const look = async (): Promise<void> => {
    while (!over) await readPidFile(file);
  };
  const looking = Promise.all([look(), look(), look(), look()]);
  for (let turn = 0; turn < 50; turn += 1) {
    const claim = (await PidFile.claim(file)) ?? assert.fail('taken, as it seems');
    await claim.release();
    await writeFile(file, '99999999\n');
  }
  over = true;
  await looking;
});

test('stale: no process, another program, no number', async (t) => {
  const file = await path(t);
  assert.deepEqual(await readPidFile(file), { state: 'stopped' });
  const texts = ['99999999\n', `${await processNamed(t, 'sleep')}\n`, 'junk', '', '0', '-1', '1 2', '1e3', '９'];
  for (const text of texts) {
    await writeFile(file, text);
    assert.deepEqual(await readPidFile(file), { state: 'stale' }, text);
    const claim = (await PidFile.claim(file)) ?? assert.fail(text);
    assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
    await claim.release();
  }
});

test('a folder that is not there is named', async (t) => {
  const file = join(await temporaryDirectory(t), 'none', 'web.pid');
  await assert.rejects(PidFile.claim(file), { code: 'ENOENT', message: /none\/web\.pid/ });
});
