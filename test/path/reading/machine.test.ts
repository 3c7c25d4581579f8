import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type MachineQuestions, routeKey } from '../../../src/path/machine.js';
import { readMachine, script } from '../../../src/path/reading/machine.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const execute = promisify(execFile);
const local = { family: 'inet', to: '127.0.0.1' } as const;
/** Nobody's address is not one to send from. */
const nowhere = { family: 'inet', to: '127.0.0.1', from: '203.0.113.77' } as const;
const questions: MachineQuestions = {
  sysctls: ['net.ipv4.ip_forward', 'net.ipv4.conf.*.rp_filter', 'net.ipv4.route.flush', 'net.ipv4.no_such_thing'],
  routes: [
    nowhere,
    local,
    { family: 'inet', to: '127.0.0.2', from: '127.0.0.1', source: { protocol: 'tcp', port: 80 } },
  ],
};

async function reading(text = script(questions), path = process.env['PATH']) {
  const { stdout } = await execute('/bin/sh', ['-c', text], { env: { ...process.env, PATH: path } });
  return stdout;
}

test('this machine is read by one script', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };

  const read = readMachine(questions, await reading());
  assert.ok(read.ok, JSON.stringify(read));
  const { sysctls, links, addresses, routes, listeners, modules } = read.value;
  assert.match(sysctls.get('net.ipv4.ip_forward') ?? '', /^[01]$/);
  assert.match(sysctls.get('net.ipv4.conf.lo.rp_filter') ?? '', /^[012]$/);
  assert.match(sysctls.get('net.ipv4.conf.all.rp_filter') ?? '', /^[012]$/);
  assert.equal(sysctls.has('net.ipv4.no_such_thing'), false);
  assert.ok(modules.size > 10);
  const lo = links.get('lo');
  assert.deepEqual([lo?.isUp, lo?.kind, lo?.mac, lo?.master], [true, null, null, null]);
  assert.ok((lo?.mtu ?? 0) >= 1500);
  assert.deepEqual(
    addresses.find(({ address }) => address === '127.0.0.1'),
    { family: 'inet', address: '127.0.0.1', prefix: 8, device: 'lo', label: null },
  );
  assert.equal(routes.get(routeKey(nowhere)), null);
  assert.deepEqual(routes.get(routeKey(local)), {
    device: 'lo',
    gateway: null,
    source: '127.0.0.1',
    isLocal: true,
    isAdvertised: false,
  });
  assert.equal(routes.size, 3);
  assert.ok(routes.get(routeKey(questions.routes[2] ?? local))?.isLocal);
  assert.ok(listeners.some((one) => one.port === port && one.address === '127.0.0.1' && one.protocol === 'tcp'));
});

test('without ss listeners come from /proc, and without ip its package is named', async (t) => {
  const folder = await temporaryDirectory(t);
  const server = createServer().listen(0, '::1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  const bare = script(questions).replace(/PATH="[^"]*"/, `PATH="${folder}"`);
  const lent = async (...names: readonly string[]) => {
    for (const name of names) {
      const { stdout } = await execute('/bin/sh', ['-c', `command -v ${name}`]);
      await symlink(stdout.trim(), join(folder, name));
    }
  };
  await lent('cat', 'uname', 'grep', 'sed');
  assert.deepEqual(readMachine(questions, await reading(bare)), {
    ok: false,
    fault: { message: 'it has no `ip`', remedy: 'apt-get install iproute2' },
  });
  await lent('ip');
  const read = readMachine(questions, await reading(bare));
  assert.ok(read.ok, JSON.stringify(read));
  assert.deepEqual(
    read.value.listeners.filter((one) => one.port === port),
    [{ protocol: 'tcp', family: 'inet6', address: '::1', port }],
  );
});

test('an ip without JSON is no ip', async (t) => {
  const folder = await temporaryDirectory(t);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'ip'), '#!/bin/sh\necho BusyBox\n');
  await chmod(join(folder, 'ip'), 0o755);
  const read = readMachine(questions, await reading(script(questions), `${folder}:${process.env['PATH']}`));
  assert.deepEqual(read, {
    ok: false,
    fault: { message: 'it has no `ip -json`', remedy: 'apt-get install iproute2' },
  });
});

test('no value of a configuration is run', async (t) => {
  const folder = await temporaryDirectory(t);
  const evil = [`$(touch ${folder}/a)`, `'; touch ${folder}/b; '`, `\`touch ${folder}/c\``, `x\ntouch ${folder}/d\n`];
  const asked: MachineQuestions = {
    sysctls: evil.flatMap((text) => [`net.ipv4.conf.${text}.rp_filter`, `${text}*${text}`]),
    routes: evil.map((text) => ({ family: 'inet', to: text, from: text })),
  };
  const read = readMachine(asked, await reading(script(asked)));
  assert.ok(read.ok, JSON.stringify(read));
  assert.equal(read.value.routes.size, 0);
  const { stdout } = await execute('ls', [folder]);
  assert.equal(stdout, '');
});
