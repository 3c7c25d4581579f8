/** What a virtual service can ask for, with servers that come and go: the same table as the reference's. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { ip } from './inside/command.js';
import { addBridge, addNamespace, plug } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { SideBySide } from './inside/side-by-side.js';
import { savedRules, thresholds } from './inside/table.js';

/** Real servers; each is sick or well by itself. */
const a = '10.1.0.11';
const b = '10.1.0.12';
const a6 = '[fd00::11]';
const b6 = '[fd00::12]';
/** An address of every director's own, where a real server listens too. */
const local = '10.9.9.9';
/** For the servers that have an address but no listener: sick where the file says so. In the guest's own /tmp. */
const checkCommand = '/tmp/is-well';
const everybody = [a, b, a6, b6, local];

/**
 * Both directors see the same servers: `servers` has those with an address at the bridge, and each director a local
 * one. The reference's director is a namespace, ours is the guest.
 */
async function setUp(t: TestContext) {
  await addNamespace(t, 'servers');
  await addNamespace(t, 'reference');
  await addBridge(t, 'back', ['10.1.0.1/24']);
  await plug('servers', 'back', `${a}/24`, `${b}/24`);
  await plug('reference', 'back', '10.1.0.2/24');
  await ip(`addr add ${local}/32 dev lo\n`);
  t.after(() => ip(`addr delete ${local}/32 dev lo\n`));
  await ip(`addr add ${local}/32 dev lo\n`, 'reference');
  const servers = await Peer.start(t, 'servers', 'web-server', 'servers', a, b);
  const locals = [
    await Peer.start(t, null, 'web-server', 'local', local),
    await Peer.start(t, 'reference', 'web-server', 'local', local),
  ];
  const sickFile = join(await temporaryDirectory(t), 'sick');
  await writeFile(sickFile, '');
  await writeFile(checkCommand, `#!/bin/sh\n! grep -qF "$3" ${sickFile}\n`, { mode: 0o755 });
  return {
    /** From here on the checks of these fail, and those of the others pass. */
    async sick(endpoints: readonly string[]): Promise<void> {
      await writeFile(sickFile, endpoints.join('\n'));
      for (const peer of [servers, ...locals]) await peer.ask({ sick: endpoints });
    },
  };
}

/** A section of these servers; the lines are the section's own. */
function virtual(head: string, servers: readonly string[], ...lines: string[]): string {
  const body = [...servers.map((server) => `real=${server}`), ...lines, 'service=http', 'request="/alive"'];
  return `${head}\n${body.map((line) => `\t${line}\n`).join('')}`;
}

/** IPv6. The reference cannot ask HTTP over it as it is installed, so a program is asked. */
function virtual6(head: string, servers: readonly string[], ...lines: string[]): string {
  const check = ['checktype=external', `checkcommand=${checkCommand}`];
  const body = [...servers.map((server) => `real6=${server}`), ...lines, ...check];
  return `${head}\n${body.map((line) => `\t${line}\n`).join('')}`;
}

const text = [
  'checkinterval=1\nchecktimeout=15\nquiescent=no\n',
  virtual('virtual=192.0.2.1:80', [`${a}:80 gate`, `${b}:80 gate 5`], 'fallback=127.0.0.1:80 gate'),
  virtual('virtual=192.0.2.2:80', [`${a}:80 masq`, `${b}:80 masq`], 'quiescent=yes', 'fallback=127.0.0.1:8080 masq'),
  // No port for ipip but the virtual's: the reference does not find a quiescent server again whose port is mapped.
  virtual('virtual=192.0.2.3:80', [`${a}:80 masq`, `${b}:80 ipip`], 'scheduler=wlc', 'quiescent=yes'),
  // Weights of their own: servers that share a check get the thresholds of the first of them from the reference.
  virtual('virtual=192.0.2.4:80', [`${a}:80 gate 4 l:10 u:20`, `${b}:80 gate 4 l:0 u:5`], 'scheduler=rr'),
  virtual('virtual=192.0.2.5:80', [`${a}:80 gate`], 'persistent=600', 'netmask=255.255.255.0', 'cleanstop=no'),
  virtual('virtual=192.0.2.6:80', [`${a}:80 gate`], 'protocol=udp', 'ops=yes', 'scheduler=rr'),
  virtual('virtual=192.0.2.7:80', [`${a}:80 gate`], 'scheduler=sh', 'schedflags=sh-port,sh-fallback'),
  virtual('virtual=192.0.2.8:80', [`${local}:80 masq`], 'fallback=127.0.0.1:80'),
  virtual('virtual=192.0.2.9:8080', [`${local}:80 masq 2`, `${a}:80 masq 0`]),
  virtual('virtual=192.0.2.10:80', [`${local}:80 gate`, `${a}:80 ipip 2`]),
  virtual('virtual=7', [`${a}:80 gate`, `${b}:80 masq 3`], 'fallback=127.0.0.1:80'),
  virtual6('virtual6=[2001:db8::1]:80', [`${a6}:80 gate`, `${b6}:80 masq 2`], 'fallback6=[::1]:80 gate'),
  virtual6('virtual6=[2001:db8::2]:80', [`${a6}:80 gate`], 'persistent=300', 'netmask=64', 'quiescent=yes'),
  virtual6('virtual6=8', [`${a6}:80 gate`, `${b6}:80 masq 2`], 'quiescent=yes'),
].join('\n');
const services = 14;

function count(rules: readonly string[], pattern: RegExp): number {
  return rules.filter((rule) => pattern.test(rule)).length;
}

test('features: equal with all servers up, some down, all down, up again, and after the stop', async (t) => {
  const { sick } = await setUp(t);
  const pair = await SideBySide.start(t, 'reference', text);
  const all = await pair.settled((rules) => count(rules, /^-A/) === services && count(rules, /127\.0\.0\.1/) === 0);
  t.diagnostic(`${all.length} rules`);
  const limits = await thresholds();
  assert.deepEqual(limits, await thresholds('reference'));
  assert.equal(limits.filter((line) => !line.endsWith(' 0 0')).length, 2);

  await sick([a, a6]);
  const some = await pair.settled((rules) => count(rules, /10\.1\.0\.11.* -w [1-9]/) === 0);
  assert.ok(count(some, / -w 0$/) > 0);

  await sick(everybody);
  const none = await pair.settled((rules) => count(rules, /10\.1\.0\.1[12].* -w [1-9]/) === 0);
  assert.ok(count(none, /127\.0\.0\.1/) >= 4);

  await sick([]);
  await pair.settled((rules) => rules.join('\n') === all.join('\n'));

  await pair.stop();
  const left = await savedRules();
  assert.deepEqual(left, await savedRules('reference'));
  // The one service with cleanstop=no stands as it stood.
  assert.deepEqual(
    left,
    all.filter((rule) => rule.includes('192.0.2.5:80')),
  );
});
