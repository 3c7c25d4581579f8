/** The role of a director beside the kernel's table: how soon ten thousand servers stand, and what a kill leaves. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { unlink, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { byHand } from './inside/by-hand.js';
import { run } from './inside/command.js';
import { startDirector } from './inside/director.js';
import { eventually } from './inside/eventually.js';
import { savedRules } from './inside/table.js';
import { configure, fileOf, ours, pidOf, statusOf } from './inside/verbs.js';

const [one, other] = ['192.0.2.1', '192.0.2.2'] as const;
/** A tenth of them, once, in the suite. */
const [services, rounds] = byHand === false ? [1_000, 3] : [100, 1];
const role = '[role]\nrole = address\ntable = active\n';

async function hold(t: TestContext, address: string, device: string): Promise<void> {
  await run('ip', 'addr', 'add', `${address}/32`, 'dev', device);
  t.after(() => letGo(address, device).catch(() => {}));
}

async function letGo(address: string, device: string): Promise<void> {
  await run('ip', 'addr', 'del', `${address}/32`, 'dev', device);
}

test(`${10 * services} servers from passive to active by an address that comes, beside ipvsadm -R`, async (t) => {
  const sections = Array.from({ length: services }, (_, index) => {
    const reals = Array.from(
      { length: 10 },
      (_, real) => `\treal=10.${index >> 8}.${index & 255}.${real + 1}:80 masq\n`,
    );
    return `virtual=${one}:${index + 1}\n${reals.join('')}\tchecktype=on\n\tprotocol=tcp\n`;
  });
  t.after(() => run('ipvsadm', '-C'));
  const { lines } = await startDirector(t, sections.join(''), undefined, role);
  assert.deepEqual(await savedRules(), []);
  assert.ok(lines.includes('Role: passive'));
  const follow = async (word: string, change: () => Promise<void>): Promise<number> => {
    lines.length = 0;
    const began = performance.now();
    await change();
    await eventually('the table follows', () => lines.some((line) => line.endsWith(`${services} services ${word}`)));
    return performance.now() - began;
  };
  const [came, went, theirs]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    came?.push(await follow('put in', () => run('ip', 'addr', 'add', `${one}/32`, 'dev', 'lo').then(() => {})));
    const rules = execFileSync('ipvsadm', ['-Sn']);
    assert.equal(rules.toString().trim().split('\n').length, 11 * services);
    went?.push(await follow('left out', () => letGo(one, 'lo')));
    assert.deepEqual(await savedRules(), []);
    const began = performance.now();
    execFileSync('ipvsadm', ['-R'], { input: rules });
    theirs?.push(performance.now() - began);
    await run('ipvsadm', '-C');
  }
  const shown = (times: readonly number[] = []) => times.map(Math.round).join(', ');
  t.diagnostic(
    `from ip addr add to the whole table ${shown(came)} ms, ipvsadm -R ${shown(theirs)} ms; out again ${shown(went)} ms`,
  );
  // A tenth of the work says nothing about time.
  if (byHand === false)
    assert.ok(Math.min(...(came ?? [])) < Math.min(...(theirs ?? [])), 'it is no slower than ipvsadm');
});

test('two addresses, each on its own; after a kill a passive start takes out what was left', async (t) => {
  const name = 'role.cf';
  const settings = fileOf('ldirectord.ini');
  const section = (vip: string): string => `virtual=${vip}:80\n\treal=10.0.0.1:80 masq\n\tchecktype=on\n`;
  const rulesOf = (vip: string): string[] => [`-A -t ${vip}:80 -s wrr`, `-a -t ${vip}:80 -r 10.0.0.1:80 -m -w 1`];
  const becomes = (...vips: readonly string[]): Promise<void> =>
    eventually(
      `served: ${vips.join()}`,
      async () => (await savedRules()).join() === vips.flatMap(rulesOf).toSorted().join(),
    );
  await configure(name, [one, other].map(section).join('\n'));
  await writeFile(settings, role);
  t.after(() => unlink(settings));
  t.after(() => statusOf(ours, name, 'stop'));
  for (const device of ['role0', 'role1']) {
    await run('ip', 'link', 'add', device, 'type', 'dummy');
    t.after(() => run('ip', 'link', 'del', device));
  }
  await hold(t, one, 'role0');
  assert.equal(await statusOf(ours, name, 'start'), 0);
  await becomes(one);
  await hold(t, other, 'role1');
  await becomes(one, other);
  await letGo(one, 'role0');
  await becomes(other);

  const pid = await pidOf(name);
  assert.ok(pid !== null);
  process.kill(pid, 'SIGKILL');
  await eventually('it is gone', async () => (await pidOf(name)) === null);
  // With its device, as where a machine loses it.
  await run('ip', 'link', 'del', 'role1');
  await run('ip', 'link', 'add', 'role1', 'type', 'dummy');
  assert.deepEqual(await savedRules(), rulesOf(other).toSorted());
  assert.equal(await statusOf(ours, name, 'start'), 0);
  await becomes();
  await hold(t, one, 'role1');
  await becomes(one);
});
