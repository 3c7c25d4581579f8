import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { devicesByAddress, readDeviceSettings } from '../../src/process/network-devices.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('addresses are at their interfaces', () => {
  assert.equal(devicesByAddress().get('127.0.0.1'), 'lo');
});

test('a setting counts with that of all interfaces; what cannot be read is null', async (t) => {
  const folder = await temporaryDirectory(t);
  const settings = { all: { accept_local: 1, rp_filter: 0 }, eth0: { accept_local: 0, rp_filter: 2 }, eth1: {} };
  for (const [device, values] of Object.entries(settings)) {
    await mkdir(join(folder, device));
    for (const [name, value] of Object.entries(values)) await writeFile(join(folder, device, name), `${value}\n`);
  }
  assert.deepEqual(await readDeviceSettings('eth0', folder), { acceptLocal: 1, reverseFilter: 2 });
  assert.deepEqual(await readDeviceSettings('eth1', folder), { acceptLocal: null, reverseFilter: null });
});
