import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../helpers/deadline.js';
import { freePort } from '../helpers/free-port.js';
import { type Ended, Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';

const quiet: Ended = { code: 0, stdout: '', stderr: '' };

interface Service {
  readonly text: string;
  /** Whether a connection to the virtual service is accepted. */
  readonly answers: () => Promise<boolean>;
}

/** A virtual service at a free port, whose real server is a listener of this test. */
async function service(t: TestContext): Promise<Service> {
  const real = createServer((socket) => socket.end());
  real.listen(0, '127.0.0.1');
  t.after(() => real.close());
  await new Promise((resolve) => real.once('listening', resolve));
  const address = real.address();
  const port = await freePort();
  assert.ok(address !== null && typeof address === 'object');
  return {
    text: `checkinterval=1\nvirtual=127.0.0.1:${port}\n\treal=127.0.0.1:${address.port} masq\n\tchecktype=on\n`,
    answers: () =>
      new Promise((resolve) => {
        const socket = createConnection(port, '127.0.0.1');
        socket.once('error', () => resolve(false));
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
      }),
  };
}

test('start and reload say what the table does not take, and why', async (t) => {
  const { text, answers } = await service(t);
  const mark = 'virtual=5\n\treal=127.0.0.1:80 masq\n\tchecktype=on\n';
  const web = await (await Instances.open(t)).create('web.cf', `${text}${mark}`);
  const words = (verb: string, before = ''): RegExp =>
    new RegExp(`^${before}ldirectord: .*web.cf: ${verb}: not in the table yet: 5: .*\\n$`);
  const started = await web.run('start');
  assert.equal(started.code, 0, 'it runs, and serves the others');
  assert.match(started.stderr, words('start'));
  assert.equal(await answers(), true);
  const reloaded = await web.run('reload');
  assert.deepEqual([reloaded.code, reloaded.stdout], [1, 'nothing changed\n']);
  const beforehand = '.*web.cf:\\d+:1: warning: .*\\[backend-refuses\\]\\n  virtual=5\\n.*\\n1 warning\\n';
  assert.match(reloaded.stderr, words('reload', beforehand));
  await writeFile(web.file, text);
  const mended = await web.run('reload');
  assert.deepEqual([mended.code, mended.stderr], [0, '']);
  await web.run('stop');
});

test('from start to stop', async (t) => {
  const { text, answers } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  const isStopped = { code: 3, stdout: `ldirectord is stopped for ${web.file}\n`, stderr: '' };
  assert.deepEqual(await web.run('status'), isStopped);
  assert.deepEqual(await web.run('stop'), quiet);
  assert.deepEqual(await web.run('try-restart'), quiet);
  assert.equal((await web.run('reload')).code, 1);
  assert.equal((await web.run('force-reload')).code, 1);
  assert.equal(await answers(), false);

  assert.deepEqual(await web.run('start'), quiet);
  assert.equal(await answers(), true, 'the table stands when start returns');
  const pid = (await web.pid()) ?? assert.fail();
  const words = `ldirectord for ${web.file} is running with pid: ${pid}\n`;
  assert.deepEqual(await web.run('status'), { code: 0, stdout: '', stderr: words });
  assert.deepEqual(await web.run('start'), quiet);
  assert.equal(await web.pid(), pid, 'a second start changes nothing');
  assert.deepEqual(await web.run('force-reload'), { ...quiet, stdout: 'nothing changed\n' });
  await web.logged(/Reloading Linux Director Daemon config on signal/);
  await web.logged(/nothing changed/);

  for (const verb of ['restart', 'try-restart']) {
    const before = await web.pid();
    assert.deepEqual(await web.run(verb), quiet);
    const after = await web.pid();
    assert.ok(after !== null && after !== before, verb);
    assert.equal(await answers(), true, verb);
  }
  assert.doesNotMatch(await web.log(), /Purged/, 'a restart leaves the table as it is');

  assert.deepEqual(await web.run('stop'), quiet);
  assert.equal(await answers(), false, 'the table is cleaned up when stop returns');
  await assert.rejects(stat(web.pidFile), { code: 'ENOENT' });
  assert.deepEqual(await web.run('status'), isStopped);
  assert.match(await web.log(), /Starting Linux Director v\S+ as daemon/);
  assert.match(await web.log(), /Purged virtual server \(stop\)[\s\S]*terminated on signal: TERM/);
});

test('the daemon is on its own: no terminal, a session of its own, nothing open of who started it', async (t) => {
  const { text } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  assert.deepEqual(await web.run('start'), quiet);
  const pid = (await web.pid()) ?? assert.fail();
  assert.equal(await readFile(web.pidFile, 'utf8'), `${pid}\n`);
  assert.equal(await readlink(`/proc/${pid}/cwd`), '/');
  for (const fd of [0, 1, 2]) assert.equal(await readlink(`/proc/${pid}/fd/${fd}`), '/dev/null');
  assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Umask:\t0022$/m);
  const [, fields = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const [, , , session, terminal] = fields.split(' ');
  assert.equal(session, String(pid));
  assert.equal(terminal, '0');
  assert.equal((await web.run('stop')).code, 0);
});

test('a file that is wrong: start says where, and what runs can be asked and stopped', async (t) => {
  const { text, answers } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  await web.write(`bogus=1\n${text}`);
  const refused = await web.run('start');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /web\.cf:2:1: error: /);
  assert.equal(await web.pid(), null);
  await rm(web.file);
  const missing = await web.run('start');
  assert.equal(missing.code, 2, 'as a file that is wrong: another attempt does not mend it');
  assert.match(missing.stderr, /^ldirectord: cannot read the configuration file .*web\.cf/);

  await web.write(text);
  assert.equal((await web.run('start')).code, 0);
  const pid = await web.pid();
  await web.write(`bogus=1\n${text}`);
  assert.equal((await web.run('status')).code, 0);
  const rejected = await web.run('reload');
  assert.equal(rejected.code, 2);
  assert.match(rejected.stderr, /web\.cf:2:1: error: [\s\S]*the one before rules on: 1 error/);
  await web.logged(/ignore new configuration/);
  for (const verb of ['restart', 'try-restart']) {
    const ended = await web.run(verb);
    assert.equal(ended.code, 2, verb);
    assert.match(ended.stderr, /web\.cf:2:1: error: /);
    assert.equal(await web.pid(), pid, 'what runs goes on');
  }
  assert.equal(await answers(), true);
  assert.deepEqual(await web.run('stop'), quiet);
  assert.equal(await answers(), false);
});

test('after a crash the version before rules on where the file is wrong, and after a stop it does not', async (t) => {
  const { text, answers } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  assert.equal((await web.run('start')).code, 0);
  await web.write(`bogus=1\n${text}`);
  assert.equal((await web.run('reload')).code, 2);
  for (const crashed of [1, 2]) {
    process.kill((await web.pid()) ?? assert.fail(), 'SIGKILL');
    await until('it is gone', async () => (await web.pid()) === null);
    const { code, stderr } = await web.run('start');
    assert.equal(code, 0, `${crashed}: ${stderr}`);
    assert.match(stderr, /^[^\n]*web\.cf:2:1: error: [\s\S]*: not taken over, the one before rules on\n$/);
    assert.equal(stderr.match(/error: /g)?.length, 1);
    await until('it serves', answers);
    assert.equal((await web.run('reload')).code, 2);
  }
  await web.logged(/ignore new configuration/);
  const kept = web.pidFile.replace(/pid$/, 'ruling');
  assert.equal((await stat(kept)).mode & 0o777, 0o600);

  await web.write(text);
  assert.equal((await web.run('reload')).code, 0);
  await until('it is kept no more', () =>
    stat(kept).then(
      () => false,
      () => true,
    ),
  );
  await web.write(`bogus=1\n${text}`);
  assert.equal((await web.run('reload')).code, 2);
  assert.equal((await web.run('stop')).code, 0);
  assert.equal((await web.run('start')).code, 2);
  assert.equal(await web.pid(), null);
});

test('what else keeps it from starting is said, with exit status 1', async (t) => {
  const { text } = await service(t);
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', text);
  instances.environment['LDIRECTORD_RUN_DIR'] = '/nowhere';
  const { code, stderr } = await web.run('start');
  assert.equal(code, 1);
  assert.match(stderr, /^ldirectord: .*\/nowhere\/ldirectord\.web\.cf\.pid/);
});

test('a restart takes out what the file names no more', async (t) => {
  const [kept, gone] = await Promise.all([service(t), service(t)]);
  const web = await (await Instances.open(t)).create('web.cf', `${kept.text}${gone.text.replace(/.*\n/, '')}`);
  assert.equal((await web.run('start')).code, 0);
  await web.write(kept.text);
  assert.deepEqual(await web.run('restart'), quiet);
  assert.match(await web.log(), /Purged virtual server[\s\S]*signal: USR2/);
  assert.equal((await web.run('stop')).code, 0);
});

test('a restart warns of names that do not resolve now', async (t) => {
  const { text } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', `${text}\n\treal=no-such-host.invalid:80 masq\n`);
  assert.deepEqual(await web.run('start'), quiet);
  const { code, stderr } = await web.run('restart');
  assert.equal(code, 0);
  assert.match(stderr, /web\.cf:\d+:\d+: warning: “no-such-host\.invalid” has no address/);
  assert.equal((await web.run('stop')).code, 0);
});

test('a restart waits for no command: it ends by itself, and is not run again by the next daemon', async (t) => {
  const instances = await Instances.open(t);
  const [script, said, go] = ['command.sh', 'said', 'go'].map((name) => join(instances.folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(
    script,
    `#!/bin/sh\necho "$1 begins" >>${said}\nuntil [ -e ${go} ]; do sleep 0.05; done\necho "$1 ended" >>${said}\n`,
    { mode: 0o755 },
  );
  const dead = await freePort();
  const text = `checkinterval=1\nvirtual=127.0.0.1:${await freePort()}\n\treal=127.0.0.1:${dead} masq\n\tchecktype=connect\n\tfallbackcommand=${script}\n`;
  const web = await instances.create('web.cf', text);
  assert.equal((await web.run('start')).code, 0);
  const lines = (): Promise<string> => readFile(said, 'utf8').catch(() => '');
  await until('the command runs', async () => (await lines()) === 'start begins\n');
  const before = await web.pid();
  assert.equal((await web.run('restart')).code, 0);
  assert.notEqual(await web.pid(), before);
  assert.equal(await lines(), 'start begins\n');
  await writeFile(go, '');
  await until('it has ended', async () => (await lines()) === 'start begins\nstart ended\n');
  await web.logged(/Ran .*command\.sh start/);
  // The next daemon knows the server by now.
  await web.logged(/USR2[\s\S]*Check failed/);
  assert.equal((await web.run('stop')).code, 0);
  assert.equal(await lines(), 'start begins\nstart ended\n');
});

test('a stale pid file is told from a daemon', async (t) => {
  const { text } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  await writeFile(web.pidFile, '99999999\n');
  assert.deepEqual(await web.run('status'), {
    code: 1,
    stdout: `ldirectord is stopped for ${web.file}\n`,
    stderr: `ldirectord stale pid file ${web.pidFile} for ${web.file}\n`,
  });
  assert.equal((await web.run('reload')).code, 1);
  assert.deepEqual(await web.run('stop'), quiet);
  assert.deepEqual(await web.run('start'), quiet);
  assert.equal((await web.run('status')).code, 0);
  process.kill((await web.pid()) ?? assert.fail(), 'SIGKILL');
  await until('it is gone', async () => (await web.pid()) === null);
  assert.equal((await web.run('status')).code, 1);
  assert.deepEqual(await web.run('restart'), quiet);
  assert.equal((await web.run('stop')).code, 0);
});

test('a pid file whose number another program has by now: start starts, and stop leaves that program alone', async (t) => {
  const { text } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  const other = spawn('tail', ['-f', '/dev/null', `${web.file}.ldirectord.log`], { stdio: 'ignore' });
  t.after(() => other.kill('SIGKILL'));
  await once(other, 'spawn');
  await writeFile(web.pidFile, `${other.pid}\n`);
  assert.equal((await web.run('status')).code, 1);
  assert.deepEqual(await web.run('stop'), quiet);
  assert.equal(other.signalCode, null);
  assert.deepEqual(await web.run('start'), quiet);
  assert.notEqual(await web.pid(), other.pid);
  assert.equal((await web.run('status')).code, 0);
  assert.equal((await web.run('stop')).code, 0);
  assert.equal(other.signalCode, null);
});

test('another file of the same name: start fails, stop and reload leave what runs alone, and each says which that is', async (t) => {
  const instances = await Instances.open(t);
  await mkdir(join(instances.folder, 'other'));
  const web = await instances.create('web.cf', (await service(t)).text);
  const other = await instances.create('other/web.cf', (await service(t)).text);
  assert.deepEqual(await web.run('start'), quiet);
  const pid = await web.pid();
  const codes = { start: 1, status: 3, stop: 0, reload: 1, restart: 1, 'try-restart': 0 };
  for (const [verb, code] of Object.entries(codes)) {
    const ended = await other.run(verb);
    assert.equal(ended.code, code, verb);
    assert.ok(
      ended.stderr.includes(`: ${verb}: ${web.file} runs by the name of web.cf, with pid ${pid};`),
      ended.stderr,
    );
    assert.equal(await web.pid(), pid, verb);
  }
  assert.equal((await web.run('status')).code, 0);
  assert.deepEqual(await web.run('stop'), quiet);
  assert.deepEqual(await other.run('start'), quiet);
  assert.deepEqual(await other.run('stop'), quiet);
});

test('several starts at once give one daemon', async (t) => {
  const { text } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  await writeFile(web.pidFile, '99999999\n');
  const ended = await Promise.all(Array.from({ length: 5 }, () => web.run('start')));
  assert.deepEqual(ended, Array(5).fill(quiet));
  assert.equal((await web.log()).match(/Starting Linux Director/g)?.length, 1);
  assert.equal((await web.run('stop')).code, 0);
});

test('in the foreground with a pid file: the verbs reach it, and it ends well', async (t) => {
  const { text } = await service(t);
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', text);
  const args = [cli, '--foreground', '--backend', 'userspace', web.file, 'start'];
  for (const verb of ['stop', 'restart']) {
    const program = new Program(t, process.execPath, args, instances.environment);
    await program.line(/Added real server/);
    assert.equal(await web.pid(), program.child.pid);
    assert.equal((await web.run(verb)).code, 0);
    assert.equal(await program.exit, 0, program.text);
  }
  assert.equal((await web.run('stop')).code, 0);
});

test('in the foreground, a second one is refused', async (t) => {
  const { text } = await service(t);
  const web = await (await Instances.open(t)).create('web.cf', text);
  assert.equal((await web.run('start')).code, 0);
  for (const option of ['-d', '--foreground']) {
    const { code, stderr } = await web.run('start', option);
    assert.equal(code, 1);
    assert.match(stderr, /it runs already with pid/);
  }
  assert.equal((await web.run('stop')).code, 0);
});

test('instances live side by side, and fork changes nothing', async (t) => {
  const instances = await Instances.open(t);
  const [a, b] = await Promise.all([
    instances.create('a.cf', `fork=yes\n${(await service(t)).text}`),
    instances.create('b.cf', (await service(t)).text),
  ]);
  assert.deepEqual(await Promise.all([a.run('start'), b.run('start')]), [quiet, quiet]);
  assert.equal((await a.run('stop')).code, 0);
  assert.equal((await b.run('status')).code, 0);
  assert.equal((await b.run('stop')).code, 0);
});

test('what execute names starts, reloads and stops along, even where two name each other', async (t) => {
  const instances = await Instances.open(t);
  const b = await instances.create('b.cf', '');
  const a = await instances.create('a.cf', `execute=${b.file}\n${(await service(t)).text}`);
  await b.write(`execute=${a.file}\n${(await service(t)).text}`);
  assert.deepEqual(await a.run('start'), quiet);
  await b.logged(/Added real server/);
  const { code, stderr } = await a.run('status');
  assert.equal(code, 0);
  assert.match(stderr, /a\.cf is running[\s\S]*b\.cf is running/);
  assert.equal((await a.run('reload')).code, 0);
  await b.logged(/nothing changed/);
  assert.deepEqual(await a.run('stop'), quiet);
  assert.equal((await b.run('status')).code, 3);
  assert.equal((await a.log()).match(/Reloading/g)?.length, 1);
});

test('a log that cannot be written is told by check, by start, and by list until it can be', async (t) => {
  const instances = await Instances.open(t);
  const folder = join(instances.folder, 'missing');
  const text = `logfile="${folder}/log"\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\n`;
  const web = await instances.create('web.cf', text);
  const warning =
    /web\.cf:2:1: warning: logfile: .*\/missing\/log cannot be written: ENOENT: .* \[unwritable-output\]\n/;
  const checked = await web.run('check');
  assert.equal(checked.code, 0);
  assert.match(checked.stdout, warning);
  const started = await web.run('start', '--backend', 'memory');
  assert.equal(started.code, 0);
  assert.match(started.stderr, warning);
  const listed = async (): Promise<string> => (await web.run('list')).stdout;
  await until('it is at the head of the list', async () => {
    return /^.*web\.cf: .*\nNot written: .*\/missing\/log: ENOENT\n/.test(await listed());
  });
  await mkdir(folder);
  await until('it is written', async () => !/Not written/.test(await listed()));
  assert.equal((await web.run('stop')).code, 0);
});
