import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { freePort } from './helpers/free-port.js';
import { cli, Program } from './helpers/process.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

/** A web server, and a file with a virtual service for it, in the address family of `loopback`. */
async function setUp(t: TestContext, globals = '', loopback: '127.0.0.1' | '::1' = '127.0.0.1') {
  const server = createServer((_, response) => response.end('real'));
  server.listen(0, loopback);
  await once(server, 'listening');
  t.after(() => server.close());
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  const port = await freePort(loopback);
  const real = (server.address() as AddressInfo).port;
  const [six, host] = loopback === '::1' ? ['6', '[::1]'] : ['', loopback];
  await writeFile(
    file,
    `${globals}checkinterval=1\nvirtual${six}=${host}:${port}\n\treal${six}=${host}:${real} masq\n\tservice=http\n`,
  );
  return { file, port, real };
}

function ask(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host, port, agent: false }, (response) => void textOf(response).then(resolve, reject)).on('error', reject);
  });
}

test('start -d balances in the foreground, HUP reloads, TERM cleans up and exits 0', async (t) => {
  const { file, port, real } = await setUp(t);
  const program = new Program(t, process.execPath, [cli, '-d', '--backend', 'userspace', file, 'start']);
  await program.line(/^\[.*\] Starting Linux Director v/);
  await program.line(/Added virtual server/);
  await program.line(
    new RegExp(`Added real server: 127\\.0\\.0\\.1:${real} \\(127\\.0\\.0\\.1:${port}\\) \\(Weight set to 1\\)$`),
  );
  assert.equal(await ask(port), 'real');
  program.child.kill('SIGHUP');
  await program.line(/Reloading Linux Director Daemon config on signal/);
  await program.line(/nothing changed/);
  assert.equal(await ask(port), 'real');
  program.child.kill('SIGTERM');
  await program.line(/Purged real server \(stop\)/);
  await program.line(/Purged virtual server \(stop\)/);
  await program.line(/Linux Director Daemon terminated on signal: TERM/);
  assert.equal(await program.exit, 0);
  await assert.rejects(ask(port), { code: 'ECONNREFUSED' });
});

test('SIGUSR1 opens no debugger, is told, and the daemon goes on', async (t) => {
  const { file } = await setUp(t);
  const program = new Program(t, process.execPath, [cli, '-d', '--backend', 'userspace', file, 'start']);
  await program.line(/Added virtual server/);
  program.child.kill('SIGUSR1');
  await program.line(/Signal USR1 means nothing here|[Dd]ebugger|[Ii]nspector/);
  program.child.kill('SIGTERM');
  assert.equal(await program.exit, 0);
  assert.match(program.text, /Signal USR1 means nothing here/);
  assert.doesNotMatch(program.text, /debugger|inspector/i);
});

test('supervised=yes stays in the foreground without -d and logs to standard output', async (t) => {
  const { file } = await setUp(t, 'supervised=yes\n');
  const program = new Program(t, process.execPath, [cli, '--backend', 'userspace', file, 'start']);
  await program.line(/Added real server/);
  program.child.kill('SIGINT');
  await program.line(/terminated on signal: INT/);
  assert.equal(await program.exit, 0);
});

test('an address in use fails its own virtual with a remedy, and is tried again', async (t) => {
  const { file, port } = await setUp(t);
  const squatter = createServer();
  squatter.listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  const program = new Program(t, process.execPath, [cli, '-d', '--backend', 'userspace', file, 'start']);
  await program.line(/EADDRINUSE.*ss -ltnp/);
  squatter.close();
  await program.line(/Added virtual server/);
  await program.line(/Added real server/);
  assert.equal(await ask(port), 'real');
  program.child.kill('SIGTERM');
  assert.equal(await program.exit, 0);
});

test('IPv6 from the check to the balanced connection', async (t) => {
  const { file, port, real } = await setUp(t, '', '::1');
  const program = new Program(t, process.execPath, [cli, '-d', '--backend', 'userspace', file, 'start']);
  await program.line(new RegExp(`Added real server: \\[::1\\]:${real} \\(\\[::1\\]:${port}\\)`));
  assert.equal(await ask(port, '::1'), 'real');
  program.child.kill('SIGTERM');
  assert.equal(await program.exit, 0);
});
