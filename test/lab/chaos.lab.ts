/** The same as test/chaos on the kernel's table, with what can happen to that: a foreign entry is never touched. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, faults } from '../chaos/faults.js';
import { runOptions, strikeAll } from '../chaos/run.js';
import { World } from '../chaos/world.js';
import { eventually } from './inside/eventually.js';
import { listing } from './inside/table.js';

const address = '127.0.1.1';
const foreign = '198.51.100.7:80';
/** Milliseconds for what is to change nothing: a few looks at the table. */
const lasting = 1_500;

function ipvsadm(...words: string[]): string {
  return execFileSync('ipvsadm', words, { encoding: 'utf8' });
}

/** The table is put right, and stays so. */
function putRight(name: string, act: () => void): Fault {
  return {
    name,
    strike: async () => {
      const before = listing();
      act();
      await eventually('the table is as it was', () => listing() === before);
      await sleep(lasting);
    },
  };
}

/** Nothing is to be done about it. */
function leftAlone(name: string, act: () => void): Fault {
  return {
    name,
    strike: async () => {
      act();
      const after = listing();
      await sleep(lasting);
      assert.equal(listing(), after);
    },
  };
}

function date(words: string): void {
  execFileSync('date', ['--set', words], { stdio: 'ignore' });
}

const kernelFaults: readonly Fault[] = [
  putRight('a service of ours is deleted by somebody', () => ipvsadm('-D', '-t', `${address}:8001`)),
  putRight('a scheduler is changed by somebody', () => ipvsadm('-E', '-t', `${address}:8002`, '-s', 'rr')),
  // Until a start or a reload: an administrator may have a reason.
  leftAlone('a server is added by somebody', () =>
    ipvsadm('-a', '-t', `${address}:8003`, '-r', '192.0.2.99:80', '-m', '-w', '5'),
  ),
  leftAlone('somebody goes on with his own service', () => {
    ipvsadm('-a', '-t', foreign, '-r', '192.0.2.8:80', '-m');
    ipvsadm('-d', '-t', foreign, '-r', '192.0.2.8:80');
  }),
  leftAlone('the clock goes a day ahead', () => date('+1 day')),
  leftAlone('the clock goes two days back', () => date('-2 days')),
];

/** On a processor that is shared and ten times slower; all of them where more time is given. */
const fewer = /reports an error|descriptors are left|a worker (?:hangs|ends)|silent, and a reload|a restart while/;

test('on the kernel’s table, too, and whatever happens to that', async (t) => {
  ipvsadm('-A', '-t', foreign, '-s', 'wlc');
  ipvsadm('-a', '-t', foreign, '-r', '192.0.2.7:80', '-m', '-w', '3');
  const others = (): string[] =>
    ipvsadm('-Sn')
      .split('\n')
      .filter((line) => line.includes(foreign));
  const before = others();
  const world = await World.open(t, { backend: 'kernel', address });
  await world.start();
  const options = runOptions();
  const chosen = options.seconds > 0 || options.only !== '' ? faults : faults.filter(({ name }) => fewer.test(name));
  t.diagnostic(await strikeAll(world, [...kernelFaults, ...chosen], options));
  assert.deepEqual(await world.unheard(), [], 'emitters without a listener for their errors');
  assert.deepEqual(others(), before, 'what is somebody else’s');
  const { code, stderr } = await world.run('stop');
  assert.equal(code, 0, stderr);
  assert.deepEqual(ipvsadm('-Sn').trim().split('\n'), before, 'what is left after the stop');
});
