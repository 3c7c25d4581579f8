/**
 * Runs each *.lab.ts of this folder in a guest of its own and reports its tests as if they ran here. Where no guest
 * can be had they are skipped; with LAB=required in the environment that is a failure.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { guestMissing } from './availability.js';
import { runInGuest } from './guest.js';
import { parseTap, relay } from './tap.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** These take minutes: they begin first, so that none of them runs alone in the end. */
const long =
  /^(?:chaos|checkpath|corpus|directors-ecmp|directors-keepalived|doctor|doctor-real|features|packets|service|take-over|verbs|walks)\./;
/** All of these takes too long for a suite that everybody runs: `npm run lab`. */
const byHand = /^(?:directors-pacemaker|doctor-real-ways|kernel-speed|packet-edits|persist|slow-start|unit-path)\./;
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.lab.js'))
  .sort((a, b) => Number(long.test(b)) - Number(long.test(a)));
/** In the names of those whose guest has systemd as its first process. */
const systemdMark = '.systemd.';
/** For one file's tests: many times what they take on a busy machine. */
const deadline = 10 * 60_000;
/** A test that fails may leave something behind that would keep its process alive. */
const flags = ['--enable-source-maps', '--test-reporter=tap', '--test-force-exit'];
/** Each is a kernel with a processor of its own. */
const guestsAtOnce = 2;

const required = process.env['LAB'] === 'required';
const missing = guestMissing();
const skip = missing !== false && !required ? `no guest with IPVS can be had: ${missing}` : false;

test('the lab: a kernel with IPVS', { skip, concurrency: guestsAtOnce }, async (t) => {
  assert.equal(missing, false);
  assert.ok(files.length > 0);
  await Promise.all(
    files.map((file) => {
      const skip = byHand.test(file) && 'takes long: run by hand';
      return t.test(file.replace('.js', '.ts'), { skip }, (inner) => runLab(inner, file));
    }),
  );
});

async function runLab(t: TestContext, file: string): Promise<void> {
  let output = '';
  const { status, failure, console } = await runInGuest({
    command: [process.execPath, ...flags, `${folder}${file}`],
    env: { LAB_PART: 'suite', ...(required && { LAB: 'required' }) },
    deadline,
    systemd: file.includes(systemdMark),
    onOutput: (text) => {
      output += text;
    },
  });
  const { results, complete } = parseTap(output);
  for (const result of results) await relay(t, result);
  const told = results.some(({ ok }) => !ok);
  if (status === null || !complete || (status !== 0 && !told)) {
    assert.fail(`${failure ?? `exit status ${status}`}, after this output:\n${output}\n${console}`);
  }
}
