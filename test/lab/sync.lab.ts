/** The kernel's synchronization daemons, as `[sync]` and the role have them. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KernelBackend } from '../../src/ipvs/kernel/backend.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { syncConformance } from '../ipvs/conformance/sync.js';
import { ip, run } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';

const vip = '192.0.2.1';

async function link(t: TestContext, name: string): Promise<void> {
  await ip(`link add ${name} type dummy\naddr add 198.51.100.1/24 dev ${name}\nlink set ${name} up\n`);
  t.after(() => run('ip', 'link', 'delete', name).catch(() => {}));
}

syncConformance(async (t) => {
  await link(t, 'sync0');
  const backend = await KernelBackend.open();
  t.after(() => backend.close());
  return { sync: backend.sync, name: 'sync0' };
});

async function running(): Promise<string> {
  const told = await run('ipvsadm', '-L', '--daemon');
  return [...told.matchAll(/(master|backup) sync daemon \(mcast=(\w+), syncid=(\d+)/g)]
    .map(([, state, name, id]) => `${state} ${name} ${id}`)
    .toSorted()
    .join(', ');
}

async function becomes(expected: string): Promise<void> {
  await eventually(`the daemons are: ${expected}`, async () => (await running()) === expected);
}

test('they follow the role, outlive a kill, and are looked after', async (t) => {
  await link(t, 'sync0');
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  const settings = (sync: string) =>
    writeFile(join(folder, 'ldirectord.ini'), `auditinterval = 1\n[role]\nrole = address\n[sync]\n${sync}`);
  await writeFile(file, `virtual=${vip}:80\n\treal=198.51.100.2:80 gate\n\tchecktype=on\n`);
  await settings('sync = yes\ninterface = sync0\nid = 51\n');
  let ours = await startOurs(t, file);
  await becomes('backup sync0 51');
  await ip(`addr add ${vip}/32 dev sync0\n`);
  await becomes('master sync0 51');
  // Somebody stops it; then a change of settings that are not its own.
  await run('ipvsadm', '--stop-daemon', 'master');
  await ours.line(/Synchronization: the master was gone/);
  // The kernel has it before the line of it is read here.
  await ours.line(/Synchronization: master runs on sync0/);
  assert.equal(await running(), 'master sync0 51');
  const lines = ours.lines.length;
  await settings('sync = yes\ninterface = sync0\nid = 51\nrefresh = 10\n');
  ours.child.kill('SIGHUP');
  await ours.line(/Reloading/);
  await ours.line(/reread new configuration|settings/i);
  assert.equal(ours.lines.slice(lines).filter(({ text }) => text.includes('Synchronization')).length, 0, ours.text);

  // What it started is its own after it was killed, whatever the role and the settings are by then.
  ours.child.kill('SIGKILL');
  await ours.exit;
  await ip(`addr del ${vip}/32 dev sync0\n`);
  await settings('sync = yes\ninterface = sync0\nid = 52\n');
  await run('ipvsadm', '--start-daemon', 'backup', '--mcast-interface', 'lo', '--syncid', '7');
  ours = await startOurs(t, file);
  await becomes('backup sync0 52');
  await ours.line(/another backup ran in the place of ours \(lo, id 7, 224\.0\.0\.81 port 8848\)/);

  await ip(`addr add ${vip}/32 dev sync0\n`);
  await settings('sync = both\ninterface = sync0\nid = 52\n');
  ours.child.kill('SIGHUP');
  await becomes('backup sync0 52, master sync0 52');
  await writeFile('/proc/sys/net/ipv4/vs/backup_only', '1');
  t.after(() => writeFile('/proc/sys/net/ipv4/vs/backup_only', '0'));
  await becomes('master sync0 52');
  await ours.line(/Synchronization: the backup: .*backup_only=0/);
  assert.equal(await stop(ours), 0);
  await becomes('');
});

test('an interface that is not there, or is down, is named, and used as soon as it can be', async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  await writeFile(file, `virtual=${vip}:80\n\treal=198.51.100.2:80 gate\n\tchecktype=on\n`);
  await writeFile(join(folder, 'ldirectord.ini'), 'auditinterval = 1\n[sync]\nsync = yes\ninterface = sync1\n');
  const ours = await startOurs(t, file);
  await ours.line(/Synchronization: the master: there is no interface sync1: .*\(ENODEV\)/);
  await ip('link add sync1 type dummy\n');
  t.after(() => run('ip', 'link', 'delete', 'sync1'));
  await ours.line(/Synchronization: the master: nothing can be sent on sync1: .*\(ENETUNREACH\)/);
  await ip('link set sync1 up\n');
  await ours.line(/Synchronization: the master: in order again/);
  assert.equal(await running(), 'master sync1 0');
  // Another one of its name: who was there before speaks to nobody.
  await ip('link del sync1\nlink add sync1 type dummy\nlink set sync1 up\n');
  await ours.line(/Synchronization: master on sync1, id 0, was stopped/);
  await ours.line(/Synchronization: master runs on sync1, id 0/);
  assert.equal(await stop(ours), 0);
});
