import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isRunning, PidFile, pidFilePath, readPidFile } from '../../src/process/pid-file.js';
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

test('a process that takes no lock counts by its command line', async (t) => {
  const file = await path(t);
  const pid = await processNamed(t, '/usr/bin/perl -w /usr/sbin/ldirectord');
  await writeFile(file, `${pid}\n`);
  assert.deepEqual(await readPidFile(file), { state: 'running', pid });
  assert.equal(await PidFile.claim(file), null);
  assert.equal(await readFile(file, 'utf8'), `${pid}\n`);
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
  assert.equal(await isRunning(99_999_999), false);
});

test('a folder that is not there is named', async (t) => {
  const file = join(await temporaryDirectory(t), 'none', 'web.pid');
  await assert.rejects(PidFile.claim(file), { code: 'ENOENT', message: /none\/web\.pid/ });
});
