/** What a service manager is told of a daemon: how many servers are what, as it changes. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileElector } from '../helpers/elector.js';
import { Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { unixReceiver } from '../helpers/unix-receiver.js';

const text = `virtual=192.0.2.1:80
\treal=10.0.0.1:80 gate
\treal=10.0.0.2:80 gate
\tchecktype=on
virtual=192.0.2.2:80
\treal=10.0.0.1:80 gate
\tchecktype=on
`;

test('a service manager is told how many servers are what, and that the file does not rule', async (t) => {
  const path = join(await temporaryDirectory(t), 'notify');
  const receiver = await unixReceiver(t, path);
  const web = await (await Instances.open(t)).create('web.cf', text);
  const env = { ...web.environment, NOTIFY_SOCKET: path };
  const daemon = new Program(t, process.execPath, [cli, '--backend', 'memory', web.file, 'start', '--foreground'], env);
  await receiver.line(/^READY=1\\nMAINPID=\d+\\nSTATUS=2 services, 3 of 3 servers up$/);
  assert.equal((await web.ask('drain', '10.0.0.2')).code, 0);
  await receiver.line(/^STATUS=2 services, 2 of 3 servers up; drained 1$/);
  await web.write(`bogus=1\n${text}`);
  await web.ask('reload');
  await receiver.line(/STATUS=2 services, 2 of 3 servers up; drained 1; the file on disk does not rule: ./);
  await web.write(text);
  assert.equal((await web.ask('reload')).code, 0);
  assert.equal((await web.ask('undrain', '10.0.0.2')).code, 0);
  await receiver.line(/^STATUS=2 services, 3 of 3 servers up$/);
  daemon.child.kill('SIGTERM');
  await receiver.line(/^STOPPING=1$/);
  assert.equal(await daemon.exit, 0);
});

test('a service manager is told the role, where somebody says it', async (t) => {
  const path = join(await temporaryDirectory(t), 'notify');
  const receiver = await unixReceiver(t, path);
  const elector = await fileElector(t, 'passive');
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', text);
  await writeFile(join(instances.folder, 'ldirectord.ini'), elector.settings);
  const env = { ...web.environment, NOTIFY_SOCKET: path };
  const daemon = new Program(t, process.execPath, [cli, '--backend', 'memory', web.file, 'start', '--foreground'], env);
  await receiver.line(/STATUS=2 services, 3 of 3 servers up; passive$/);
  await elector.say('active 192.0.2.1');
  await receiver.line(/^STATUS=2 services, 3 of 3 servers up; active for 1 address$/);
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.exit, 0);
});
