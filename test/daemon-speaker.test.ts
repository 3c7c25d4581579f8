/** Mails and commands of several directors that are all active: they come from one of those that share a store. */

import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { startMailServer } from './helpers/mail-server.js';
import { etcdMissing, startEtcd } from './helpers/servers/etcd.js';
import { director, prefix } from './helpers/shared-director.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { startTroubledWay } from './helpers/troubled-way.js';

test('of several that are active one mails and runs the command; where it has gone, or nobody can say, each does', {
  skip: etcdMissing && 'etcd is not installed',
}, async (t) => {
  const etcd = await startEtcd();
  t.after(() => etcd.close());
  const way = await startTroubledWay(etcd.port);
  t.after(() => way.close());
  const mails = await startMailServer(t);
  const command = join(await temporaryDirectory(t), 'command');
  await writeFile(command, '#!/bin/sh\necho "$1"\n');
  await chmod(command, 0o755);
  const port = await freePort();
  const open = async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end());
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
  };
  let server = await open();
  t.after(() => void server.close());
  const text = [
    'checkinterval=1\nsmtp=127.0.0.1\nemailalert=admin@example.com\nvirtual=192.0.2.1:80',
    `real=127.0.0.1:${port} masq`,
    `checktype=connect\n\tfallbackcommand=${command}\n`,
  ].join('\n\t');
  const setting = { text, before: `smtpport = ${mails.port}\nmaildelay = 0\n` };
  const [a, b] = [
    await director(t, { ...setting, name: 'lb1', endpoint: `http://127.0.0.1:${way.port}` }),
    await director(t, { ...setting, name: 'lb2', endpoint: etcd.endpoint }),
  ];
  const said = ({ events }: typeof a): string[] =>
    events.flatMap((event) => {
      if (event.type === 'alert-raised') return event.text.replace(/:.*/, '');
      return event.type === 'command-ended' ? event.output : [];
    });
  const leave = ({ told }: typeof a): string[] => told('left-to-active').map(({ what, to }) => `${what} ${to}`);
  const isReady = async (one: typeof a): Promise<boolean> => (await one.others())[0]?.there?.ready === true;
  await until('they see each other ready', async () => (await isReady(a)) && (await isReady(b)));
  // While they start each says what it does.
  for (const { events } of [a, b]) events.length = 0;

  server.close();
  await until('one has said it', () => said(a).length === 2);
  await until('the other has left it', () => leave(b).length === 2);
  assert.deepEqual(said(a).sort(), ['Deleted real server', 'start']);
  assert.deepEqual(leave(b).sort(), ['emailalert lb1', 'fallbackcommand lb1']);
  await mails.mail(/^Deleted real server/);
  const deaths = mails.mails.filter(({ headers }) => headers.get('subject')?.startsWith('Deleted'));
  assert.deepEqual([said(b), deaths.length], [[], 1]);

  // It is gone as after a power cut, and its lease is over: what it may not have said in its last seconds comes twice.
  way.swallows = true;
  const kept = await etcd.ctl('get', `${prefix}/directors/lb1`, '-w', 'json');
  const [, lease = ''] = /"lease":(\d+)/.exec(kept) ?? [];
  await etcd.ctl('lease', 'revoke', BigInt(lease).toString(16));
  await until('the other one says it', () => said(b).length === 2);
  server = await open();
  await until('and goes on', () => said(b).length === 4);
  assert.deepEqual(said(b).sort(), ['Added real server', 'Deleted real server', 'start', 'stop']);
});
