/** The verbs that look at a running daemon and steer it, each as a command of its own. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { Status } from '../../src/status/model.js';
import { until } from '../helpers/deadline.js';
import { freePort } from '../helpers/free-port.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { listening } from '../helpers/listener.js';
import { cli, Program } from '../helpers/process.js';
import { startUdpPeer } from '../helpers/udp-server.js';

const run = promisify(execFile);

/** A web server whose health the test decides. */
async function webServer(t: TestContext): Promise<{ port: number; well: boolean }> {
  const state = { port: 0, well: true };
  const server = createHttpServer((_, response) => {
    response.statusCode = state.well ? 200 : 503;
    response.end();
  });
  state.port = await listening(t, server);
  return state;
}

interface Scene {
  readonly web: Instance;
  readonly first: { port: number; well: boolean };
  readonly second: { port: number; well: boolean };
  readonly names: readonly [string, string];
  readonly text: string;
  /** What `list --json` says of the servers by name. */
  readonly servers: () => Promise<Map<string, Status['virtuals'][number]['servers'][number]>>;
}

async function scene(t: TestContext, more = '', settings = ''): Promise<Scene> {
  const [first, second, port] = [await webServer(t), await webServer(t), await freePort()];
  const names = [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`] as const;
  const text = `checkinterval=1\n${more}virtual=127.0.0.1:${port}\n\treal=${names[0]} masq 3\n\treal=${names[1]} masq 2\n\tservice=http\n\tlogin="x"\n\tpasswd="hunter2"\n`;
  const instances = await Instances.open(t);
  await writeFile(join(instances.folder, 'ldirectord.ini'), settings);
  const web = await instances.create('web.cf', text);
  assert.equal((await web.run('start')).code, 0);
  await web.logged(/(Added real server[\s\S]*){2}/);
  const servers: Scene['servers'] = async () => {
    const { stdout } = await web.ask('list', '--json');
    const { virtuals } = JSON.parse(stdout) as Status;
    return new Map(virtuals.flatMap((virtual) => virtual.servers.map((server) => [server.name, server])));
  };
  return { web, first, second, names, text, servers };
}

test('what runs is seen: list, explain, events, check-now, completion', async (t) => {
  const { web, second, names } = await scene(t);
  const list = await web.ask('list');
  assert.equal(list.code, 0, list.stderr);
  assert.match(list.stdout, new RegExp(`^ {2}${names[0]} +up +3 +3 +0 +0 +\\d+s +response: status 200$`, 'm'));
  assert.ok(!list.stdout.includes('\u001b'), 'plain in a pipe');
  assert.equal((await web.ask('list', names[1])).stdout.includes(names[0]), false);
  assert.equal((await web.ask('list', '127.0.0.1', '--virtual', '192.0.2.9:80')).code, 1);
  assert.equal((await web.ask('list', 'nobody')).code, 1);
  assert.match((await web.ask('list', '--virtual', 'x')).stderr, /: list: no virtual service is called 'x'\n$/);
  assert.match(
    (await web.ask('list', names[0], '--virtual', '192.0.2.9:80')).stderr,
    new RegExp(`no real server is called '${names[0]}' in a virtual service called '192\\.0\\.2\\.9:80'\n$`),
  );

  const { environment } = web;
  const head = await run('sh', ['-c', `${process.execPath} ${cli} ${web.file} events -n 1000 --json | head -c 1`], {
    env: environment,
  });
  assert.deepEqual(head, { stdout: '{', stderr: '' });

  const explained = await web.ask('explain', names[0]);
  assert.equal(explained.code, 0, explained.stderr);
  assert.match(explained.stdout, /is {6}up for/);
  assert.match(explained.stdout, /table {3}masq, weight 3 \(3 in the file\), 0 active connections, 0 inactive/);
  assert.match(
    explained.stdout,
    /check {3}negotiate http of 127\.0\.0\.1:\d+ every 1 s; down after 1 failure in a row, now 0/,
  );
  assert.match(explained.stdout, /results [1-9]\d* passed, 0 failed/);
  assert.match(explained.stdout, new RegExp(`^ +\\d+\\s+real=${names[0]} masq 3$`, 'm'));
  assert.doesNotMatch(explained.stdout, new RegExp(`real=${names[1]}|hunter2`));
  const both = (await web.ask('explain', '127.0.0.1')).stdout;
  assert.equal(both.match(/(^|\n\n)127\.0\.0\.1:\d+ in tcp /g)?.length, 2, both);
  assert.match(both, /[^\n]\n$/, 'no empty line at the end');

  second.well = false;
  const checked = await web.ask('check-now', '127.0.0.1');
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, new RegExp(`${names[0]} \\(tcp .*\\): passed: response: status 200, after \\d+ ms`));
  assert.match(checked.stdout, new RegExp(`${names[1]} \\(tcp .*\\): failed: .*503`));
  await web.logged(/Deleted real server/);
  second.well = true;
  assert.equal((await web.ask('check-now', names[1])).code, 0);

  const events = await web.ask('events', '-n', '1000');
  assert.equal(events.code, 0, events.stderr);
  assert.match(events.stdout, /\] Added virtual server[\s\S]*Check failed: .*503[\s\S]*Check passed/);
  const [last = ''] = (await web.ask('events', '-n', '1', '--json')).stdout.split('\n');
  assert.equal(typeof (JSON.parse(last) as { number: number }).number, 'number');

  assert.deepEqual(
    (await web.ask('completion', 'servers')).stdout.trim().split('\n').toSorted(),
    [...names].toSorted(),
  );
  assert.equal((await web.run('stop')).code, 0);
});

test('events are followed as they come, also over a restart', async (t) => {
  const { web, names } = await scene(t);
  const env = web.environment;
  const follower = new Program(t, process.execPath, [cli, web.file, 'events', '-f', '-n', '1'], env);
  await follower.line(/./);
  assert.equal((await web.ask('drain', names[0])).code, 0);
  await follower.line(/Maintenance began: .*drained by hand/);
  assert.equal((await web.run('restart')).code, 0);
  await follower.line(/Added virtual server/);
  await follower.line(/Added real server/);
  assert.equal((await web.ask('undrain', names[0])).code, 0);
  await follower.line(/Maintenance ended/);
  const times = (pattern: RegExp) => follower.lines.filter(({ text }) => pattern.test(text)).length;
  assert.equal(times(/Maintenance ended/), 1);
  assert.equal(follower.child.exitCode, null);
  assert.equal((await web.run('stop')).code, 0);
  assert.equal((await web.ask('events', '-f')).code, 1, 'where none runs');
});

test('a server is drained, weighed and undrained, and a restart forgets none of it', async (t) => {
  const { web, names, servers } = await scene(t);
  const [first, second] = names;
  const drained = await web.ask('drain', first, '--wait', '--timeout', '1m');
  assert.equal(drained.code, 0, drained.stderr);
  assert.match(drained.stdout, /: drained\nno active connection is left\n$/);
  assert.equal((await web.ask('weight', second, '9', '--for', '1h')).code, 0);
  const assertAsAsked = async (): Promise<void> => {
    const now = await servers();
    assert.deepEqual([now.get(first)?.weight, now.get(first)?.held], [0, 'drained by hand']);
    assert.deepEqual([now.get(second)?.weight, now.get(second)?.override?.weight], [9, 9]);
  };
  await assertAsAsked();
  assert.equal((await web.run('restart')).code, 0);
  await until('the table is as before', () =>
    assertAsAsked().then(
      () => true,
      () => false,
    ),
  );
  assert.equal((await web.run('stop')).code, 0);
  assert.equal((await web.run('start')).code, 0);
  await until('the table is as before', () =>
    assertAsAsked().then(
      () => true,
      () => false,
    ),
  );

  assert.equal((await web.ask('undrain', first)).code, 0);
  assert.equal((await web.ask('weight', second, 'file')).code, 0);
  const after = await servers();
  assert.deepEqual([after.get(first)?.weight, after.get(second)?.weight], [3, 2]);
  const again = await web.ask('undrain', first);
  assert.deepEqual([again.code, again.stderr.includes('is not drained by hand')], [1, true]);
  assert.equal((await web.run('stop')).code, 0);
});

test('a weight says until when, and an end by itself needs something that ends', async (t) => {
  const { web, names } = await scene(t);
  const set = await web.ask('weight', names[0], '7', '--for', '2h');
  assert.match(set.stdout, new RegExp(`^${names[0]} \\(tcp .*\\): weight set to 7 until \\d{4}-\\d\\d-\\d\\d \\d\\d:`));
  assert.match(
    (await web.ask('list', names[0])).stdout,
    /weight set by hand until \d{4}-.* \(3 in the file\); response/,
  );
  assert.match((await web.ask('explain', names[0])).stdout, /weight 7 \(7 by hand until \d{4}-.*, 3 in the file\)/);
  for (const [verb, ...words] of [
    ['weight', names[0], 'file', '--for', '1h'],
    ['log-level', 'settings', '--for', '1h'],
  ] as const) {
    const { code, stderr } = await web.ask(verb, ...words);
    assert.deepEqual([code, stderr.includes(`Try 'ldirectord ${verb} --help'`)], [2, true], stderr);
  }
  assert.match((await web.ask('weight', names[0], 'file')).stdout, /: weight as in the file\n$/);
  assert.equal((await web.run('stop')).code, 0);
});

test('a reload says that the settings are new, where they alone are', async (t) => {
  const { web } = await scene(t);
  const settings = join(web.file, '..', 'ldirectord.ini');
  await writeFile(settings, 'loglevel=debug\n');
  assert.equal((await web.ask('reload')).stdout, `${settings}: a new version rules\n`);
  assert.equal((await web.ask('reload')).stdout, 'nothing changed\n');
  assert.equal((await web.run('stop')).code, 0);
});

test('a reload shows what is warned of, in the configuration and in the settings', async (t) => {
  const { web } = await scene(t);
  const settings = join(web.file, '..', 'ldirectord.ini');
  await writeFile(
    settings,
    'loglevel = loud\n[maintenance x]\nserver = 10.9.9.9:80\n[maintenance y]\nserver=nobody:1\nschedule=0 2 * * *\nduration=1h\n',
  );
  for (const time of ['the first', 'the second']) {
    const { code, stderr } = await web.ask('reload');
    assert.equal(code, 0, `${time}: ${stderr}`);
    assert.match(stderr, /ldirectord\.ini:1:12: warning: .* \[bad-value\]\n {2}loglevel = loud\n {2} +\^~+\n/, time);
    assert.match(stderr, /ldirectord\.ini:2:1: warning: .* \[bad-window\]/, time);
    assert.match(stderr, /ldirectord\.ini:5:8: warning: .* \[idle-window\]/, time);
  }
  assert.equal((await web.run('stop')).code, 0);
});

test('a plan says what a reload changes, and right after that there is nothing to do', async (t) => {
  const { web, names, text } = await scene(t);
  const nothing = await web.ask('plan');
  assert.deepEqual(nothing, { code: 0, stdout: '', stderr: 'nothing to do\n' });
  const third = await webServer(t);
  const changed = text
    .replace('masq 3', 'masq 5')
    .replace(`\treal=${names[1]} masq 2\n`, `\treal=127.0.0.1:${third.port} masq 4\n`)
    .replace('\tservice', '\tscheduler=rr\n\tservice');
  await web.write(changed);
  const plan = await web.ask('plan', '--ipvsadm');
  assert.equal(plan.code, 4, plan.stderr);
  const lines = plan.stdout.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => line.replace(/127\.0\.0\.1:\d+ -s/, 'V -s').replace(/-t 127\.0\.0\.1:\d+/, '-t V')),
    [
      'ipvsadm -E -t V -s rr',
      `ipvsadm -e -t V -r ${names[0]} -m -w 5`,
      `ipvsadm -a -t V -r 127.0.0.1:${third.port} -m -w 4`,
      `ipvsadm -d -t V -r ${names[1]}`,
    ],
  );
  const shown = await web.ask('plan');
  assert.match(shown.stdout, /^~ tcp .* wrr -> rr$/m);
  assert.match(
    shown.stdout,
    new RegExp(`^\\+ {3}127\\.0\\.0\\.1:${third.port} masq weight 4, once its check passes$`, 'm'),
  );

  const before = (await web.log()).split('\n').length;
  assert.equal((await web.run('reload')).code, 0);
  await web.logged(new RegExp(`Added real server: 127\\.0\\.0\\.1:${third.port}`));
  const after = (await web.log())
    .split('\n')
    .slice(before - 1)
    .join('\n');
  assert.equal(after.match(/(Changed virtual|Restored real|Added real|Purged real) server/g)?.length, 4, after);
  assert.equal((await web.ask('plan')).code, 0);

  await web.write(`bogus=1\n${text}`);
  const broken = await web.ask('plan');
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /web\.cf:2:1: error/);
  assert.equal((await web.run('stop')).code, 0);
  await web.write(text);
  const without = await web.ask('plan', '--empty', '--ipvsadm');
  assert.equal(without.code, 4);
  assert.match(without.stdout, /^ipvsadm -A -t \S+ -s wrr\n(ipvsadm -a .*\n){2}$/);
});

test('the socket: for its user alone, gone with the daemon, and off where the settings say so', async (t) => {
  const { web } = await scene(t);
  const socket = web.pidFile.replace(/pid$/, 'sock');
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
  process.kill((await web.pid()) ?? assert.fail(), 'SIGKILL');
  await until('it is gone', async () => (await web.pid()) === null);
  const left = await web.ask('list');
  assert.equal(left.code, 1);
  assert.match(left.stderr, /nobody listens \(ECONNREFUSED\)/);
  assert.equal((await web.run('start')).code, 0, 'what is left over is replaced');
  assert.equal((await web.ask('list')).code, 0);
  const settings = join(web.file, '..', 'ldirectord.ini');
  await writeFile(settings, 'control=no\n');
  assert.equal((await web.run('reload')).code, 0);
  await until('it is gone', async () =>
    stat(socket).then(
      () => false,
      () => true,
    ),
  );
  assert.equal((await web.run('reload')).code, 0, 'by signal');
  await writeFile(settings, '');
  assert.equal((await web.run('reload')).code, 0, 'by signal, the last time');
  await until('it is back', async () => (await stat(socket).catch(() => null))?.isSocket() === true);

  await writeFile(settings, `controlgroup=${process.getgid?.()}\n`);
  assert.equal((await web.run('reload')).stdout, `${settings}: a new version rules\n`);
  assert.equal((await stat(socket)).mode & 0o777, 0o660);
  await writeFile(settings, 'controlgroup=no-such-group\n');
  for (let times = 0; times < 2; times += 1) {
    assert.match((await web.run('reload')).stdout, /^warning: controlgroup: .* no group 'no-such-group'/m);
    assert.equal((await stat(socket)).mode & 0o777, 0o600);
    assert.equal((await web.ask('list')).code, 0, 'its user can steer it all the same');
  }
  await web.logged(/Control socket: .*no group 'no-such-group'/);
  await writeFile(settings, `controlgroup=${process.getgid?.()}\n`);
  assert.equal((await web.run('reload')).stdout, `${settings}: a new version rules\n`);
  assert.equal((await stat(socket)).mode & 0o777, 0o660);
  assert.equal((await web.run('stop')).code, 0);
  await assert.rejects(stat(socket), { code: 'ENOENT' });
});

test('while 200 clients stall, send half a request, flood or never read, checks and verbs go on', async (t) => {
  const { web, second } = await scene(t);
  const socket = web.pidFile.replace(/pid$/, 'sock');
  const flood = Buffer.alloc(1024 * 1024, 'x');
  const hostile: readonly ((client: Socket) => void)[] = [
    () => {},
    (client) => client.write('{"v":1,"id":'),
    (client) => {
      const more = (): void => void (client.writable && client.write(flood, more));
      more();
    },
    (client) => client.pause().write('{"v":1,"id":1,"verb":"list"}\n'.repeat(2_000)),
  ];
  const clients = Array.from({ length: 200 }, (_, index) => {
    const client = connect(socket).on('error', () => {});
    t.after(() => client.destroy());
    client.once('connect', () => hostile[index % hostile.length]?.(client));
    return client;
  });
  assert.equal((await web.ask('list')).code, 0);
  second.well = false;
  await web.logged(/Deleted real server/);
  second.well = true;
  await web.logged(/Deleted real server[\s\S]*Added real server/);
  assert.equal((await web.ask('explain', '127.0.0.1')).code, 0);
  for (const client of clients) client.resume();
  await until(
    'all but those who are served are let go',
    () => clients.filter(({ closed }) => closed).length >= 150,
    30_000,
  );
  assert.equal((await web.run('stop')).code, 0);
});

test('the level of the log, for a time', async (t) => {
  const { web } = await scene(t);
  assert.equal((await web.ask('log-level', 'debug', '--for', '3')).code, 0);
  await web.logged(/Checks: \d+ begun/);
  await web.logged(/Log level as in the settings/);
  assert.equal((await web.ask('log-level', 'loud')).code, 2);
  assert.equal((await web.run('stop')).code, 0);
});

test('command lines that make no sense', async (t) => {
  const web = await (await Instances.open(t)).create('web.cf', '');
  for (const words of [
    ['drain'],
    ['drain', 'a', 'b'],
    ['drain', 'a', '--timeout', '5'],
    ['drain', 'a', '--wait', '--timeout', 'soon'],
    ['weight', 'a'],
    ['weight', 'a', '-1'],
    ['weight', 'a', '70000'],
    ['explain'],
    ['check-now'],
    ['events', '-n', 'x'],
    ['list', 'a', 'b'],
    ['plan', 'a', 'b'],
    ['completion', 'fish'],
    ['top'],
  ]) {
    const { code, stderr } = await web.ask(words[0] ?? '', ...words.slice(1));
    assert.equal(code, 2, `${words.join(' ')}: ${stderr}`);
  }
  const help = await web.ask('drain', '--help');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Usage: .*drain SERVER[\s\S]*--timeout TIME[\s\S]*Examples\n/);
});

/** A server that says its name at once and then gives back what it gets. */
async function echoServer(t: TestContext, name: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(name);
    socket.pipe(socket);
  });
  return listening(t, server);
}

test('a drain under long connections: none breaks, new ones go elsewhere, it ends with the last', async (t) => {
  const [one, two, port] = [await echoServer(t, '1'), await echoServer(t, '2'), await freePort()];
  const text = `virtual=127.0.0.1:${port}\n\treal=127.0.0.1:${one} masq\n\treal=127.0.0.1:${two} masq\n\tchecktype=on\n\tscheduler=rr\n`;
  const web = await (await Instances.open(t)).create('web.cf', text);
  assert.equal((await web.run('start')).code, 0);
  let broken = 0;
  const open = async (): Promise<{ socket: Socket; from: string }> => {
    const socket = connect(port, '127.0.0.1').on('error', () => (broken += 1));
    t.after(() => socket.destroy());
    const [from] = (await once(socket, 'data')) as [Buffer];
    return { socket, from: String(from) };
  };
  const held = await Promise.all(Array.from({ length: 10 }, open));
  const atFirst = held.filter(({ from }) => from === '1');
  assert.equal(atFirst.length, 5);
  const env = web.environment;
  const waiting = new Program(t, process.execPath, [cli, web.file, 'drain', `127.0.0.1:${one}`, '--wait'], env);
  await waiting.line(/drained$/);
  const late = await web.ask('drain', `127.0.0.1:${one}`, '--wait', '--timeout', '1');
  assert.equal(late.code, 1);
  assert.match(late.stderr, /5 active connections left; it stays drained/);
  for (const { from } of await Promise.all(Array.from({ length: 6 }, open))) assert.equal(from, '2');
  for (const { socket } of held) {
    socket.write('still there');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.equal(String(answer), 'still there');
  }
  for (const { socket } of atFirst.slice(1)) socket.end();
  await until('one is left', async () =>
    /^ +127\.0\.0\.1:\d+ +drained +0 +0 +1 /m.test((await web.ask('list')).stdout),
  );
  assert.equal(waiting.child.exitCode, null, 'it waits for the last');
  atFirst[0]?.socket.end();
  assert.equal(await waiting.exit, 0);
  assert.equal(broken, 0);
  assert.equal((await web.run('stop')).code, 0);
});

test('a drain of UDP waits for its clients, and a server that goes out meanwhile is not taken for an empty one', async (t) => {
  const [health, server, port] = [
    await webServer(t),
    await startUdpPeer('127.0.0.1', (text) => text),
    await freePort(),
  ];
  t.after(() => server.close());
  const name = `127.0.0.1:${server.port}`;
  const web = await (await Instances.open(t)).create(
    'dns.cf',
    `checkinterval=1\nvirtual=127.0.0.1:${port}\n\treal=${name} masq\n\tprotocol=udp\n\tservice=http\n\tcheckport=${health.port}\n\tscheduler=rr\n`,
  );
  assert.equal((await web.run('start')).code, 0);
  await web.logged(/Added real server/);
  const client = await startUdpPeer();
  t.after(() => client.close());
  client.socket.send('a question', port, '127.0.0.1');
  assert.equal(await client.receive(), 'a question');

  const late = await web.ask('drain', name, '--force', '--wait', '--timeout', '1');
  assert.equal(late.code, 1);
  assert.match(late.stderr, /: 1 inactive connection left; it stays drained$/m);
  const env = web.environment;
  const waiting = new Program(t, process.execPath, [cli, web.file, 'drain', name, '--wait'], env);
  await waiting.line(/drained$/);
  health.well = false;
  assert.equal(await waiting.exit, 1, waiting.text);
  const place = `${name} \\(udp 127\\.0\\.0\\.1:${port}\\)`;
  assert.match(waiting.text, new RegExp(`taken out of the table: ${place} with 1 inactive connection left$`));
  const again = await web.ask('drain', name, '--wait');
  assert.deepEqual([again.code, again.stdout.includes('is left')], [0, false]);
  assert.match(again.stderr, new RegExp(`${place} is not in the table, which counts nothing of it\n$`));
  assert.equal((await web.run('stop')).code, 0);
});

test('what the table does not have yet is no success', async (t) => {
  // The userspace backend refuses marks.
  const [port, mark] = [await freePort(), 'virtual=7\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n'];
  const text = `virtual=127.0.0.1:${port}\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n\tscheduler=rr\n${mark}`;
  const web = await (await Instances.open(t)).create('web.cf', text);
  await web.run('start');
  for (const [verb, ...words] of [['drain', '--force'], ['undrain'], ['weight', '3']] as const) {
    const { code, stdout, stderr } = await web.ask(verb, '127.0.0.1:9', ...words);
    assert.equal(code, 1, verb);
    assert.match(stdout, new RegExp(`^127\\.0\\.0\\.1:9 \\(tcp 127\\.0\\.0\\.1:${port}\\): [^\n]+\n$`));
    assert.match(stderr, new RegExp(`web\\.cf: ${verb}: not in the table yet: 7: .*mark`));
  }
  assert.equal((await web.ask('weight', '127.0.0.1:9', '4', '--virtual', `127.0.0.1:${port}`)).code, 0);
  assert.equal((await web.run('stop')).code, 0);
});
