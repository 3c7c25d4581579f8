/** The program with a store: from its settings to what is told of it. */

import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../helpers/deadline.js';
import { Instances } from '../../helpers/instance.js';
import { etcdMissing, startEtcd } from '../../helpers/servers/etcd.js';

const configuration = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\n';

test('the store of the settings is reached, away and back, and no secret of it is told', {
  skip: etcdMissing,
}, async (t) => {
  const etcd = await startEtcd();
  t.after(() => etcd.close());
  await etcd.ctl('user', 'add', 'root:correct-horse-battery');
  await etcd.ctl('user', 'grant-role', 'root', 'root');
  await etcd.ctl('auth', 'enable');
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', configuration);
  const password = join(instances.folder, 'password');
  await writeFile(password, 'correct-horse-battery\n', { mode: 0o644 });
  const settings = `[store]\nendpoints = ${etcd.endpoint}\nname = lb1\nuser = root\npasswordfile = ${password}\n`;
  await writeFile(join(instances.folder, 'ldirectord.ini'), settings);
  const checked = await web.run('check');
  assert.match(checked.stdout, /ini:5:16: warning: passwordfile: .* others may read it \(0644\); chmod 600/);
  const started = await web.run('start', '--backend', 'memory');
  assert.equal(started.code, 0, started.stderr);
  const listed = async (): Promise<string> => (await web.run('list')).stdout;
  await until('it is away', async () => /^Store is away: .*\n?.*chmod 600/m.test(await listed()));

  await writeFile(password, 'correct-horse-battery\n');
  await chmod(password, 0o600);
  assert.equal((await web.run('reload')).code, 0);
  await until('it answers', async () => !/Store is away/.test(await listed()));
  const root = ['--user', 'root:correct-horse-battery'];
  assert.match(await etcd.ctl(...root, 'get', '--prefix', '/ldirectord/web/'), /"by":"lb1"/);
  await etcd.end();
  await until('it is away', async () => /^Store is away: .*does etcd run\?/m.test(await listed()));
  await etcd.again();
  await until('it answers', async () => !/Store is away/.test(await listed()));

  const log = await web.log();
  assert.match(log, /Store is away: .*\(credentials\)/);
  assert.match(log, /Store is away: .*\(ECONNREFUSED\)/);
  assert.equal(log.match(/Store answers: /g)?.length, 2);
  const pid = await web.pid();
  const shown = [
    log,
    await listed(),
    (await web.run('show-config')).stdout,
    checked.stdout,
    ...(await Promise.all(['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'latin1')))),
  ];
  for (const text of shown) assert.doesNotMatch(text, /correct-horse/);
  assert.equal((await web.run('stop')).code, 0);
});
