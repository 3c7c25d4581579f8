import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli, ldirectord } from './helpers/process.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

async function file(t: TestContext, text: string): Promise<string> {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'test.cf');
  await writeFile(path, text);
  return path;
}

const good = 'checktimeout=3\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';

test('check says nothing about a good file and exits 0', async (t) => {
  assert.deepEqual(await ldirectord(t, await file(t, good), 'check'), { code: 0, stdout: '', stderr: '' });
});

test('check shows every error with its place and exits 2', async (t) => {
  const path = await file(t, `autoreload=maybe\n${good}\tforward=fast\n\tscheduler=WLC \n`);
  const { code, stdout } = await ldirectord(t, path, 'check');
  assert.equal(code, 2);
  assert.ok(stdout.includes(`${path}:1:`), stdout);
  assert.ok(stdout.includes(`${path}:5:`), stdout);
  assert.match(stdout, /\^/);
});

test('check with warnings only exits 0; strictly, the same file exits 2', async (t) => {
  const path = await file(t, good.replace('3\n', '3\nautoreload=yes # at once\n'));
  const { code, stdout } = await ldirectord(t, path, 'check');
  assert.equal(code, 0);
  assert.match(stdout, /:2:\d+: warning: /);
  const strictly = await ldirectord(t, '--strict', path, 'check');
  assert.equal(strictly.code, 2);
});

test('check says where the balancer of this process would forward to itself, and what it cannot be reached at', async (t) => {
  const text = `virtual=0.0.0.0:80\n\treal=10.0.0.1:80 masq\n\tfallback=127.0.0.1:80\n${good.replace('checktimeout=3\n', '')}`;
  const path = await file(t, text);
  assert.deepEqual(await ldirectord(t, path, 'check'), { code: 0, stdout: '', stderr: '' });
  const { code, stdout } = await ldirectord(t, '--backend', 'userspace', path, 'check');
  assert.equal(code, 2);
  assert.match(stdout, /:1:\d+: error: .* the service itself.*\[loop\]/);
  assert.match(
    stdout,
    /:4:\d+: warning: 192\.0\.2\.1 is not on this machine.*`ip address add 192\.0\.2\.1\/32 dev lo`/,
  );
});

test('check shows what is wrong with the settings, too, windows that are about nobody included', async (t) => {
  const path = await file(t, good);
  const window = '[maintenance a]\nserver=10.0.0.9\ndrainat=2026-11-22 02:00\n';
  await writeFile(join(dirname(path), 'ldirectord.ini'), `odd=1\n${window}`);
  const { code, stdout } = await ldirectord(t, path, 'check');
  assert.equal(code, 0);
  assert.match(stdout, /ldirectord\.ini:1:1: warning: .*\[unknown-setting\]\n/);
  assert.match(
    stdout,
    /ldirectord\.ini:3:8: warning: .*\[idle-window\]\n {2}server=10\.0\.0\.9\n {9}\^~{7}\n2 warnings\n$/,
  );
});

test('show-config prints JSON with effective timeouts and no secret', async (t) => {
  const { code, stdout } = await ldirectord(t, await file(t, `${good}\tpasswd="hunter2"\n`), 'show-config');
  assert.equal(code, 0);
  const { global, virtual } = JSON.parse(stdout) as {
    global: { checkinterval: number };
    virtual: { checktimeout: number; negotiatetimeout: number; server: string; passwd: string }[];
  };
  assert.equal(global.checkinterval, 10);
  const { checktimeout, negotiatetimeout, server, passwd } = virtual[0] ?? assert.fail();
  assert.deepEqual([checktimeout, negotiatetimeout, server, passwd], [3, 3, '192.0.2.1', '***']);
  assert.ok(!stdout.includes('hunter2'));
});

test('a disk that is full is said in words', async (t) => {
  const warned = await file(t, 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\n  checktype=on\n');
  for (const words of [[warned, 'check'], [warned, 'show-config'], ['--help'], ['--version']]) {
    const full = await open('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [cli, ...words], {
      stdio: ['ignore', full.fd, 'pipe'],
      encoding: 'utf8',
      timeout: 30_000,
    });
    await full.close();
    assert.equal(status, 1, words.join(' '));
    assert.match(stderr, /^ldirectord: standard output: ENOSPC.*\n$/m);
    assert.doesNotMatch(stderr, /at .*node:|Unhandled/);
  }
});

test('a file that is not there is named', async (t) => {
  const { code, stderr } = await ldirectord(t, '/nowhere/at-all.cf', 'check');
  assert.equal(code, 1);
  assert.match(stderr, /\/nowhere\/at-all\.cf/);
});

test('ipvs takes the command line of ipvsadm, and a configuration may still be called so', async (t) => {
  const help = await ldirectord(t, 'ipvs', '-h');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^ipvsadm v1\.31 .*--add-service/s);
  const wrong = await ldirectord(t, 'ipvs', '-A', '-t', '10.0.0.1');
  assert.deepEqual(wrong, { code: 2, stdout: '', stderr: 'Zero port specified for non-persistent service\n' });
  assert.equal((await ldirectord(t, 'ipvs', 'foo')).code, 255);
  const configuration = await ldirectord(t, 'ipvs', 'check');
  assert.equal(configuration.code, 1);
  assert.match(configuration.stderr, /ipvs/);
});

test('a link of the name of one of ipvsadm’s programs is that program', async (t) => {
  const link = join(await temporaryDirectory(t), 'ipvsadm-save');
  await symlink(cli, link);
  const { status, stdout } = spawnSync(process.execPath, [link, '-x'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stdout, /^ipvsadm-save/);
});

test('a wrong command line exits 2 and points to the help', async (t) => {
  for (const args of [[], ['jump'], ['a', 'b', 'start'], ['--colour', 'start'], ['--backend', 'none', 'start']]) {
    const { code, stderr } = await ldirectord(t, ...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /^ldirectord: /);
  }
});

test('help and version', async (t) => {
  const help = await ldirectord(t, '-h');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Examples/);
  assert.ok(help.stdout.split('\n').length <= 50, 'one screen');
  assert.match((await ldirectord(t, '--version')).stdout, /^ldirectord \d+\.\d+\.\d+\n$/);
});
