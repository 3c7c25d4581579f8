/** Who asks for a drain or a weight, and why; and the question before the last server goes. */

import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ServerStatus, Status } from '../../src/status/model.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';

const [first, second] = ['10.0.0.1:80', '10.0.0.2:80'] as const;
const own = userInfo().username;

async function director(t: TestContext, settings = ''): Promise<Instance> {
  const instances = await Instances.open(t);
  await writeFile(join(instances.folder, 'ldirectord.ini'), settings);
  const text = `virtual=192.0.2.1:80\n\tfallback=127.0.0.1:80 gate\n\treal=${first} gate 3\n\treal=${second} gate\n\tchecktype=on\n`;
  const web = await instances.create('web.cf', text);
  // Whoever runs the test by sudo has not said so here.
  delete web.environment['SUDO_USER'];
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  return web;
}

async function serverOf(web: Instance, name: string): Promise<ServerStatus> {
  const [virtual] = (JSON.parse((await web.ask('list', '--json')).stdout) as Status).virtuals;
  return virtual?.servers.find((server) => server.name === name) ?? assert.fail(name);
}

test('a reason and who gave it are shown by list, explain, events and log, and by undrain when it ends', async (t) => {
  const web = await director(t);
  assert.equal((await web.ask('drain', first, '--reason', 'replacing a disk')).code, 0);
  assert.equal((await web.ask('weight', second, '7', '--reason', 'it has a new processor')).code, 0);
  const list = (await web.ask('list')).stdout;
  assert.match(
    list,
    new RegExp(`drained .* drained by hand by ${own} \\d+s ago: replacing a disk; checktype=on$`, 'm'),
  );
  assert.match(list, new RegExp(`weight set by hand by ${own} \\d+s ago: it has a new processor \\(1 in the file\\)`));
  assert.match(
    (await web.ask('explain', first)).stdout,
    new RegExp(`^ {2}held {4}drained by hand by ${own} \\d+s ago: replacing a disk \\(since \\d{4}-`, 'm'),
  );
  assert.match(
    (await web.ask('explain', second)).stdout,
    new RegExp(`^ {2}by hand weight 7 by ${own} \\d+s ago: it has a new processor \\(since \\d{4}-`, 'm'),
  );
  const told = new RegExp(
    `Maintenance began: 10\\.0\\.0\\.1:80 \\(tcp:192\\.0\\.2\\.1:80\\): drained by hand by ${own} at \\d{4}-[^:]*:\\d\\d:\\d\\d: replacing a disk$`,
    'm',
  );
  assert.match((await web.ask('events')).stdout, told);
  await web.logged(told);
  const began = (await web.ask('events', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: Record<string, unknown> }).event)
    .find(({ type }) => type === 'maintenance-began');
  assert.deepEqual([began?.['who'], began?.['why']], [own, 'replacing a disk']);

  assert.equal((await web.run('restart', '--backend', 'memory')).code, 0);
  const { hold } = await serverOf(web, first);
  assert.deepEqual([hold?.who, hold?.why, hold?.since], [own, 'replacing a disk', began?.['since']]);
  const ended = await web.ask('undrain', first, '--reason', 'the disk is new');
  assert.match(
    ended.stdout,
    new RegExp(`: undrained; it was drained by hand by ${own} \\d+[sm] ago: replacing a disk\n$`),
  );
  const end = new RegExp(`Maintenance ended: 10\\.0\\.0\\.1:80 \\(.*\\) by ${own} at \\d{4}-.*: the disk is new$`, 'm');
  assert.match((await web.ask('events')).stdout, end);
  await web.logged(end);
  assert.equal((await web.run('stop')).code, 0);
});

test('who comes by sudo stands in brackets behind the user of the socket', async (t) => {
  const web = await director(t);
  web.environment['SUDO_USER'] = 'alice';
  assert.equal((await web.ask('drain', first)).code, 0);
  assert.equal((await serverOf(web, first)).hold?.who, `${own} (alice)`);
  web.environment['SUDO_USER'] = 'alice) of (bob';
  assert.equal((await web.ask('weight', second, '5')).code, 0, 'such a name is none');
  assert.equal((await serverOf(web, second)).override?.who, own);
  assert.equal((await web.run('stop')).code, 0);
});

test('another user of the group is told by the name of that user', {
  skip: process.getuid?.() === 0 ? lacks('setpriv') : 'needs root',
}, async (t) => {
  const web = await director(t, 'controlgroup = 65534\n');
  await chmod(join(web.file, '..'), 0o755);
  const words = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, cli, web.file];
  const asked = new Program(t, 'setpriv', [...words, 'drain', first, '--reason', 'a disk'], web.environment);
  assert.equal(await asked.exit, 0, asked.text);
  const { hold } = await serverOf(web, first);
  assert.deepEqual([hold?.who, hold?.why], ['nobody', 'a disk']);
  assert.equal((await web.run('stop')).code, 0);
});

test('the last server needs --force where nobody can be asked', async (t) => {
  const web = await director(t);
  assert.equal((await web.ask('drain', first)).code, 0);
  for (const words of [
    ['drain', second],
    ['weight', second, '0'],
  ] as const) {
    const { code, stdout, stderr } = await web.ask(words[0], ...words.slice(1));
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.equal(
      stderr,
      `ldirectord: ${words[0]}: 10.0.0.2:80 is the last server in use of 192.0.2.1:80; its fallback would answer: --force does it all the same\n`,
    );
    const { held, override } = await serverOf(web, second);
    assert.deepEqual([held, override], [null, null]);
  }
  assert.equal((await web.ask('weight', second, '0', '--force')).code, 0);
  assert.equal((await web.ask('weight', second, 'file')).code, 0);
  const forced = await web.ask('drain', second, '--force');
  assert.equal(forced.code, 0);
  assert.match(forced.stderr, /no real server of 192\.0\.2\.1:80 is in use: its fallback answers/);
  assert.equal((await web.ask('drain', second)).code, 0, 'it is none any more');
  assert.equal((await web.run('stop')).code, 0);
});

test('on a terminal the last server is asked about', { skip: lacks('script') }, async (t) => {
  const web = await director(t);
  assert.equal((await web.ask('drain', first)).code, 0);
  const ask = async (answer: string, ...words: readonly string[]): Promise<string> => {
    const command = [process.execPath, cli, web.file, ...words].join(' ');
    const program = new Program(t, 'script', ['-qec', `${command}; echo ended with $?`, '/dev/null'], web.environment);
    await program.part(
      /10\.0\.0\.2:80 is the last server in use of 192\.0\.2\.1:80; its fallback would answer\. \w+ it\? \[y\/N\]/,
    );
    program.send(answer);
    await program.line(/ended with/);
    return program.text;
  };
  for (const no of ['\r', 'n\r', 'maybe\r', '\u0003', '\u0004']) {
    assert.match(await ask(no, 'drain', second), /drain: nothing was changed\s+ended with 1/, JSON.stringify(no));
  }
  assert.equal((await serverOf(web, second)).held, null);
  assert.match(await ask('y\r', 'weight', second, '0', '--reason', 'disk'), /weight set to 0[\s\S]*ended with 0/);
  assert.deepEqual((await serverOf(web, second)).override?.why, 'disk');
  assert.equal((await web.ask('weight', second, 'file')).code, 0);
  assert.match(await ask('yes\r', 'drain', second), /: drained[\s\S]*ended with 0/);
  assert.equal((await serverOf(web, second)).held, 'drained by hand');
  assert.equal((await web.run('stop')).code, 0);
});

test('a reason that is no line is turned down before anybody is asked', async (t) => {
  const web = await (await Instances.open(t)).create('web.cf', '');
  for (const words of [
    ['drain', first, '--reason', ''],
    ['drain', first, '--reason', 'two\nlines'],
    ['drain', first, '--reason', 'x'.repeat(201)],
    ['weight', first, '5', '--reason', '\u001b[2J'],
    ['weight', first, 'file', '--reason', 'a disk'],
  ]) {
    const { code, stderr } = await web.ask(words[0] ?? '', ...words.slice(1));
    assert.equal(code, 2, stderr);
    assert.match(stderr, /--reason/);
  }
});

test('with maintenancedir the file of a drain says who and why', async (t) => {
  const instances = await Instances.open(t);
  const drains = join(instances.folder, 'drains');
  const text = `maintenancedir=${drains}\nvirtual=192.0.2.1:80\n\treal=${first} gate\n\treal=${second} gate\n\tchecktype=on\n`;
  const web = await instances.create('web.cf', text);
  web.environment['SUDO_USER'] = 'alice';
  await mkdir(drains);
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  assert.equal((await web.ask('drain', first, '--reason', 'replacing a disk')).code, 0);
  assert.equal(await readFile(join(drains, first), 'utf8'), `drain replacing a disk\nby ${own} (alice)\n`);
  await writeFile(join(drains, second), 'moved to the other rack\n');
  const words = (name: string) =>
    new RegExp(`file ${name} in ${drains} by ([^ ]+(?: \\(alice\\))?) \\d+s ago: (.*); checktype=on$`, 'm');
  await web.logged(/Maintenance began: 10\.0\.0\.2/);
  const { stdout } = await web.ask('list');
  assert.deepEqual(words(first).exec(stdout)?.slice(1), [`${own} (alice)`, 'replacing a disk']);
  assert.deepEqual(words(second).exec(stdout)?.slice(1), [own, 'moved to the other rack']);
  assert.equal((await web.run('stop')).code, 0);
});
