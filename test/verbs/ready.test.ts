/** `status --ready`: whether a director could take over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../helpers/deadline.js';
import { Instances } from '../helpers/instance.js';
import { startTcpServer } from '../helpers/tcp-server.js';

test('a director is ready once each service has had a first result; until then it says what it waits for', async (t) => {
  const silent = await startTcpServer(() => {});
  t.after(() => silent.close());
  const check = 'service=http\n\trequest=/\n\tnegotiatetimeout=600';
  const text = `virtual=192.0.2.1:80\n\treal=127.0.0.1:${silent.port} masq\n\t${check}\n`;
  const web = await (await Instances.open(t)).create('web.cf', text);
  const ready = () => web.ask('status', '--ready');
  assert.equal((await ready()).code, 3, 'it does not run');
  assert.equal((await web.run('start')).code, 0);
  const { code, stderr } = await ready();
  assert.deepEqual(
    [code, stderr.split('\n')[1]],
    [5, `ldirectord for ${web.file} is not ready: 1 service has no first result yet`],
  );
  assert.equal((await web.run('status')).code, 0);
  await silent.close();
  await until('it is ready', async () => (await ready()).code === 0);
  assert.equal((await ready()).stdout, `ldirectord for ${web.file} is ready\n`);
});
