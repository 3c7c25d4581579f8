import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { install } from '../../src/install/install.js';
import { tally } from './inside/client.js';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { realAddresses } from './inside/networks.js';
import { savedRules } from './inside/table.js';
import {
  assertRuns,
  configuration,
  fewManuals,
  file,
  journal,
  pidFile,
  property,
  rules,
  scene,
  tableIs,
  unit,
} from './inside/unit.js';

/** Faults from outside that hang the main loop, or a worker, for good: nothing in the program does that on request. */
const hangs = `
  import { BroadcastChannel, isMainThread } from 'node:worker_threads';
  const channel = new BroadcastChannel('hang');
  channel.unref();
  if (isMainThread) {
    process.on('SIGWINCH', () => { for (;;); });
    process.on('SIGURG', () => channel.postMessage('hang'));
  } else {
    channel.onmessage = () => { for (;;); };
  }
`;
const hangsFile = '/etc/ha.d/hangs.mjs';

/** So much can take long to look through: a few checks that cannot need no thread of their own. */
const largeBody = 64 * 1024 * 1024;

function threaded(weight: number): string {
  return `${configuration(weight)}\treceive=rs\n\tbodylimit=${largeBody}\n`;
}

/** Waits until it runs under another pid; gives that. */
async function replaced(pid: number): Promise<number> {
  await eventually('another one runs', async () => {
    const now = Number(await property('MainPID'));
    return now !== 0 && now !== pid && (await property('ActiveState')) === 'active';
  });
  return assertRuns();
}

/** Waits for what `systemctl status` says: it follows within a second or so. */
function statusIs(text: string): Promise<void> {
  return eventually(text, async () => (await property('StatusText')) === text);
}

/** With what the tests need beside it. */
async function installService(t: TestContext): Promise<void> {
  await fewManuals();
  await run('dpkg', '--remove', 'ldirectord');
  await install('/', () => {});
  await mkdir(`/etc/systemd/system/${unit}.d`, { recursive: true });
  await writeFile(
    join(`/etc/systemd/system/${unit}.d`, 'test.conf'),
    // Patience for one slow processor; short enough to wait for.
    `[Service]\nWatchdogSec=8\nEnvironment=NODE_OPTIONS=--import=${hangsFile}\n`,
  );
  await writeFile(hangsFile, hangs);
  await writeFile(file, threaded(1));
  await run('systemctl', 'daemon-reload');
  t.after(() => run('systemctl', 'stop', unit));
}

test('the unit from enabling to stopping, under a stream of requests', async (t) => {
  const { client, first } = await scene(t);
  await installService(t);

  await run('systemctl', 'enable', unit);
  assert.equal((await run('systemctl', 'is-enabled', unit)).trim(), 'enabled');
  await run('systemctl', 'start', unit);
  let pid = await assertRuns();
  await statusIs('1 service, 2 of 2 servers up');
  await tableIs(rules(1));
  await run('ldirectord', 'status');

  const steadily = async (what: string, work: () => Promise<void>): Promise<void> => {
    const answers = await client.during(async () => {
      await work();
      // Some checks more.
      await sleep(2_500);
    });
    t.diagnostic(`${what}: ${JSON.stringify(tally(answers))}`);
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2'], what);
  };

  await steadily('reload', async () => {
    await writeFile(file, threaded(3));
    await run('systemctl', 'reload', unit);
    await tableIs(rules(3));
  });
  assert.equal(await assertRuns(), pid);

  await steadily('reload with a broken file', async () => {
    await writeFile(file, `bogus=1\n${threaded(5)}`);
    await assert.rejects(run('systemctl', 'reload', unit));
    assert.match(await property('StatusText'), /^1 service, 2 of 2 servers up; the file on disk does not rule: ./);
    await writeFile(file, threaded(3));
  });
  assert.deepEqual(await savedRules(), rules(3));
  assert.equal(await assertRuns(), pid);

  await steadily('restart with a broken file', async () => {
    await writeFile(file, `bogus=1\n${threaded(5)}`);
    await run('systemctl', 'restart', unit);
    pid = await replaced(pid);
    assert.match(await property('StatusText'), /; the file on disk does not rule: ./);
    await writeFile(file, threaded(3));
    await run('systemctl', 'reload', unit);
    await statusIs('1 service, 2 of 2 servers up');
  });
  assert.deepEqual(await savedRules(), rules(3));

  await steadily('restart', () => run('systemctl', 'restart', unit).then(() => {}));
  assert.deepEqual(await savedRules(), rules(3));
  pid = await replaced(pid);
  assert.doesNotMatch(await journal(), /Purged/);

  await steadily('kill -9', async () => {
    process.kill(pid, 'SIGKILL');
    pid = await replaced(pid);
  });
  assert.deepEqual(await savedRules(), rules(3));

  await steadily('a hung worker', async () => {
    process.kill(pid, 'SIGURG');
    await eventually('it is replaced', async () =>
      /Worker 1 was replaced, with 2 checks: no sign/.test(await journal()),
    );
  });
  assert.deepEqual(await savedRules(), rules(3));
  assert.equal(await assertRuns(), pid);
  // Its checks go on.
  await first.ask({ sick: ['0.0.0.0'] });
  await eventually('a server is out', async () => (await savedRules()).join('\n') !== rules(3).join('\n'));
  await statusIs('1 service, 1 of 2 servers up');
  await first.ask({ sick: [] });
  await tableIs(rules(3));

  await steadily('a hung main loop', async () => {
    process.kill(pid, 'SIGWINCH');
    pid = await replaced(pid);
  });
  assert.deepEqual(await savedRules(), rules(3));
  assert.equal(await property('NRestarts'), '2');

  await run('systemctl', 'stop', unit);
  assert.deepEqual(await savedRules(), []);
  assert.equal(await property('ActiveState'), 'inactive');
  assert.equal(await property('Result'), 'success');
  await assert.rejects(stat(pidFile), { code: 'ENOENT' });
  assert.match(await journal(), /Purged virtual server \(stop\)[\s\S]*terminated on signal: TERM/);
  await assert.rejects(run('ldirectord', 'status'), { code: 3 });
});

test('a broken file fails the unit at once and for good', async (t) => {
  await writeFile(file, 'bogus=1\n');
  t.after(() => run('systemctl', 'reset-failed', unit));
  await assert.rejects(run('systemctl', 'start', unit));
  assert.equal(await property('ActiveState'), 'failed');
  assert.equal(await property('ExecMainStatus'), '2');
  assert.match(await journal(), /ldirectord\.cf:1:1: error: /);
});

test('a file that is not there, and a Node that is not, fail the unit at once and for good', async (t) => {
  const mistaken = 'ldirectord@web.service';
  t.after(() => run('systemctl', 'reset-failed', mistaken, unit));
  await assert.rejects(run('systemctl', 'start', mistaken));
  const show = async (name: string, of: string) => (await run('systemctl', 'show', '--value', '-p', name, of)).trim();
  assert.deepEqual([await show('ActiveState', mistaken), await show('ExecMainStatus', mistaken)], ['failed', '2']);
  assert.match(await run('journalctl', '-o', 'cat', '-u', mistaken), /cannot read the configuration file web/);

  const launcher = '/usr/sbin/ldirectord';
  const text = await readFile(launcher, 'utf8');
  t.after(() => writeFile(launcher, text));
  await writeFile(launcher, text.replaceAll(/^node=.*$/gm, 'node=/nowhere').replace(/^\[.*\n/m, ''));
  await writeFile(file, configuration(1));
  await assert.rejects(run('systemctl', 'start', unit));
  assert.deepEqual([await property('ActiveState'), await property('ExecMainStatus')], ['failed', '127']);
});

test('further configurations have units of their own', async (t) => {
  await writeFile(file, configuration(1));
  await writeFile('/etc/ha.d/two.cf', 'virtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n\tchecktype=on\n');
  t.after(() => run('systemctl', 'stop', unit, 'ldirectord@two.cf'));
  await run('systemctl', 'start', unit, 'ldirectord@two.cf');
  await eventually('it stands', async () => (await savedRules()).join('\n').includes('192.0.2.2:80'));
  await run('ldirectord', 'two.cf', 'status');
  await run('systemctl', 'stop', unit);
  assert.match((await savedRules()).join('\n'), /192\.0\.2\.2:80/);
  await run('systemctl', 'stop', 'ldirectord@two.cf');
  assert.deepEqual(await savedRules(), []);
});

test('the control socket under the rules of the unit, and for a group', async (t) => {
  const settings = '/etc/ha.d/ldirectord.ini';
  const socket = '/run/ldirectord.ldirectord.sock';
  const server = `${realAddresses.rs1}:80`;
  await mkdir('/etc/ha.d/maintenance', { recursive: true });
  await writeFile(
    file,
    `maintenancedir=/etc/ha.d/maintenance\n${configuration(2).replace('service=http', 'checktype=on')}`,
  );
  t.after(() => run('systemctl', 'stop', unit));
  await run('systemctl', 'start', unit);
  await tableIs(rules(2));
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
  assert.match(await run('ldirectord', 'list'), new RegExp(`${server} +up +2 +2 `));
  // The unit may not write to maintenancedir: the drain counts all the same, and a restart does not forget it.
  await run('ldirectord', 'drain', server);
  await statusIs('1 service, 1 of 2 servers up; drained 1');
  const drained = rules(2).map((rule) => (rule.includes(`-r ${server} `) ? rule.replace('-w 2', '-w 0') : rule));
  assert.deepEqual(await savedRules(), drained.toSorted());
  await run('systemctl', 'restart', unit);
  assert.deepEqual(await savedRules(), drained.toSorted());
  await run('ldirectord', 'undrain', server);
  await tableIs(rules(2));

  await writeFile(settings, 'controlgroup = adm\n');
  assert.match(await run('ldirectord', 'reload'), /^warning: controlgroup = adm: .* let the unit have Group=adm /m);
  assert.match(await run('ldirectord', 'list'), /192/, 'root can do all the same');
  await writeFile(
    `/etc/systemd/system/${unit}.d/group.conf`,
    '[Service]\nGroup=adm\nReadWritePaths=/etc/ha.d/maintenance\n',
  );
  await run('systemctl', 'daemon-reload');
  await run('systemctl', 'restart', unit);
  const { mode, gid } = await stat(socket);
  assert.deepEqual([mode & 0o777, gid], [0o660, 4]);
  await run('ldirectord', 'drain', server);
  await stat(`/etc/ha.d/maintenance/${server}`);
  assert.deepEqual(await savedRules(), drained.toSorted());
  await run('ldirectord', 'undrain', server);
  await run('systemctl', 'stop', unit);
  await assert.rejects(stat(socket), { code: 'ENOENT' });
});

test('a restart by hand warns that it leaves the unit, and how to go back', async (t) => {
  await writeFile(file, configuration(1));
  t.after(() => run('systemctl', 'stop', unit));
  await run('systemctl', 'start', unit);
  const pid = await assertRuns();
  const words = await run('sh', '-c', 'ldirectord restart 2>&1');
  assert.match(words, /^ldirectord: \S+: restart: the daemon leaves ldirectord\.service, .*systemctl start [^\n]*\n$/);
  assert.notEqual(await readFile(pidFile, 'utf8'), `${pid}\n`);
  await eventually('the unit has noticed', async () => (await property('ActiveState')) === 'inactive');
  assert.equal(await run('sh', '-c', 'ldirectord restart 2>&1'), '', 'it has left');
  await run('ldirectord', 'stop');
  await run('systemctl', 'start', unit);
  await assertRuns();
});
