import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ldirectord } from './helpers/process.js';
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

test('a file that is not there is named', async (t) => {
  const { code, stderr } = await ldirectord(t, '/nowhere/at-all.cf', 'check');
  assert.equal(code, 1);
  assert.match(stderr, /\/nowhere\/at-all\.cf/);
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
