import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServiceManager } from '../../src/process/service-manager.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { unixReceiver } from '../helpers/unix-receiver.js';

test('says how the service is doing, a datagram for each', async (t) => {
  const path = join(await temporaryDirectory(t), 'notify');
  const receiver = await unixReceiver(t, path);
  const environment = { NOTIFY_SOCKET: path, KEPT: 'yes' };
  const manager = ServiceManager.open(environment);
  assert.deepEqual(environment, { KEPT: 'yes' });
  manager.ready('2 virtual services');
  await receiver.line(new RegExp(`^READY=1\\\\nMAINPID=${process.pid}\\\\nSTATUS=2 virtual services$`));
  const before = process.hrtime.bigint() / 1_000n;
  manager.tellReloading();
  const { text } = await receiver.line(/^RELOADING=1\\nMONOTONIC_USEC=\d+$/);
  const told = BigInt(text.replace(/.*=/, ''));
  assert.ok(before <= told && told <= process.hrtime.bigint() / 1_000n);
  manager.tellReloaded();
  await receiver.line(new RegExp(`^READY=1\\\\nMAINPID=${process.pid}$`));
  manager.status('two\nlines\u0000');
  await receiver.line(/^STATUS=two lines $/);
  manager.tellStopping();
  await receiver.line(/^STOPPING=1$/);
  manager.close();
  manager.tellStopping();
});

test('signs of life come while the loop turns, and only where they are meant for this process', async (t) => {
  const path = join(await temporaryDirectory(t), 'notify');
  const receiver = await unixReceiver(t, path);
  const watched = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '40000' };
  const other = ServiceManager.open({ ...watched, WATCHDOG_PID: String(process.pid + 1) });
  const manager = ServiceManager.open({ ...watched, WATCHDOG_PID: String(process.pid) });
  await receiver.count(5, /^WATCHDOG=1$/);
  manager.close();
  manager.status('closed');
  const before = receiver.lines.length;
  other.status('the other one');
  await receiver.line(/^STATUS=the other one$/);
  // One may have been on its way.
  assert.ok(receiver.lines.length <= before + 2, receiver.text);
  other.close();
});

test('silent without a service manager, or with one that is gone', () => {
  for (const path of [undefined, '', 'vsock:2:1234', '/nowhere/notify', `/${'x'.repeat(200)}`]) {
    const manager = ServiceManager.open(path === undefined ? {} : { NOTIFY_SOCKET: path, WATCHDOG_USEC: 'soon' });
    manager.ready('');
    manager.close();
  }
});
