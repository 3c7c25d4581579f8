import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  descendants,
  memory,
  parseCores,
  parseCounter,
  parseKibibytes,
  parseStat,
  processorOfEnded,
  processorTime,
  treeOf,
} from './processes.js';

test('a stat line is read behind the name, whatever the name holds', () => {
  const tail = 'S 41 4711 4711 0 -1 4194560 9 8 7 6 100 20 3 4 20 0 1 0 5000 1000 200';
  for (const name of ['nginx', 'a b', 'x) R 1 (y']) {
    assert.deepEqual(parseStat(`4711 (${name}) ${tail}`), { parent: 41, user: 103, system: 24 });
  }
});

test('fields, counters and lists of processors are read', () => {
  assert.equal(parseKibibytes('Rss:  1234 kB\nPss:      56 kB\nPss_Anon: 7 kB\n', 'Pss'), 56);
  const snmp = 'Ip: A B\nIp: 1 2\nIcmp: InMsgs InEchos\nIcmp: 10 20\nIcmpMsg: InType3\nIcmpMsg: 5\n';
  assert.equal(parseCounter(snmp, 'Icmp', 'InEchos'), 20);
  assert.ok(Number.isNaN(parseCounter(snmp, 'Tcp', 'PassiveOpens')));
  assert.deepEqual(parseCores('0-2,5,7-8'), [0, 1, 2, 5, 7, 8]);
});

test('a tree is the process with its children’s children, and nobody else', () => {
  const stats = new Map([2, 1, 2, 1].map((parent, index) => [10 + index, { parent, user: 0, system: 0 }]));
  stats.set(20, { parent: 10, user: 0, system: 0 }).set(21, { parent: 20, user: 0, system: 0 });
  assert.deepEqual(descendants(10, stats), [10, 20, 21]);
});

test('time and memory of a tree that works are seen', async (t) => {
  // The shell waits for the one that works.
  const child = spawn('sh', ['-c', '"$0" -e "for (;;);" & wait', process.execPath], {
    detached: true,
    stdio: 'ignore',
  });
  const { pid } = child;
  assert.ok(pid);
  t.after(async () => {
    const exit = once(child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await exit;
  });
  const deadline = performance.now() + 10_000;
  while ((await processorTime(pid)).user < 50) assert.ok(performance.now() < deadline, 'no time was counted');
  assert.equal((await treeOf(pid)).size, 2);
  const { resident, proportional } = await memory(pid);
  assert.ok(resident >= proportional && proportional > 1);
});

test('the time of children that have ended is told without that of this process', async () => {
  const before = await processorOfEnded();
  const busy = Date.now() + 100;
  while (Date.now() < busy);
  assert.equal(await processorOfEnded(), before);
  const child = spawn(process.execPath, ['--eval', 'const end = Date.now() + 200; while (Date.now() < end);']);
  await once(child, 'exit');
  assert.ok((await processorOfEnded()) > before);
});
