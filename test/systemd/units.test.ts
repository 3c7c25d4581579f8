import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { lacks } from '../helpers/programs.js';
import { repository } from '../helpers/repository.js';

const run = promisify(execFile);
const folder = `${repository}systemd/`;
const units = ['ldirectord.service', 'ldirectord@.service'];
/** The exposure that systemd-analyze counts, from 0 to 10. AF_PACKET, without which nobody sends ARP, is 0.2 of it. */
const mostExposure = 2.2;

const skip = lacks('systemd-analyze');

for (const unit of units) {
  test(`${unit}: exposed at most ${mostExposure}`, { skip }, async (t) => {
    const args = ['security', '--offline=yes', '--no-pager', `${folder}${unit}`];
    const { stdout } = await run('systemd-analyze', args, { timeout: 60_000 });
    const [, figure] = /Overall exposure level .*: ([\d.]+)/.exec(stdout) ?? assert.fail(stdout);
    t.diagnostic(`exposure ${figure}`);
    assert.ok(Number(figure) <= mostExposure, stdout);
  });

  test(`${unit}: systemd knows every setting`, { skip }, async () => {
    const file = `${folder}${unit.replace('@', '@web.cf')}`;
    // It exits with a failure where this machine lacks the program or the manual's page.
    const ended = await run('systemd-analyze', ['verify', '--man=no', file], { timeout: 60_000 }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    assert.doesNotMatch(ended.stderr, /Unknown|Failed to parse|not a valid/);
  });
}

test('the units differ in which configuration they run', async () => {
  const [one = '', template = ''] = await Promise.all(units.map((unit) => readFile(`${folder}${unit}`, 'utf8')));
  assert.equal(template.replace(', as %i says', '').replaceAll(/%i (?=start|reload)/g, '$CONFIG_FILE '), one);
  assert.doesNotMatch(one, /%i/);
});

test('logrotate takes the file', { skip: lacks('logrotate') }, async () => {
  await run('logrotate', ['--debug', `${folder}ldirectord.logrotate`], { timeout: 60_000 });
});
