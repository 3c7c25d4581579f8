/** What the kernel counts, as metrics tell it. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon } from '../../src/daemon.js';
import { EventBus } from '../../src/events.js';
import { openBackend } from '../../src/ipvs/open.js';
import { readConfiguration } from '../../src/reload/read.js';
import { until } from '../helpers/deadline.js';
import { freePort } from '../helpers/free-port.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { fetched, httpOpened } from '../helpers/web-site.js';
import { ip } from './inside/command.js';

const address = '10.9.9.1';
const requests = 7;
/** Milliseconds: the kernel sums up every two seconds. */
const patience = 60_000;

test('connections, packets and bytes of the kernel’s table are told, of services and of servers', async (t) => {
  await ip(`addr add ${address}/32 dev lo\n`);
  t.after(() => ip(`addr delete ${address}/32 dev lo\n`));
  const server = createServer((_, response) => response.end('up'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const real = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  const http = await freePort();
  await writeFile(file, `checkinterval=1\nvirtual=${address}:80\n\treal=${real} masq 3\n\tservice=http\n`);
  await writeFile(join(folder, 'ldirectord.ini'), `http = ${http}\n`);
  const loaded = await readConfiguration(file, { strict: false });
  assert.ok(loaded.config);
  const bus = new EventBus();
  const opened = httpOpened(bus);
  const options = { file, strict: false, bus, version: '1', backend: await openBackend('kernel') };
  const daemon = await Daemon.start(options, { ...loaded, config: loaded.config });
  t.after(() => daemon.stop('end of the test'));
  await opened;

  let text = '';
  const sample = async (name: string, labels: string): Promise<number> => {
    text = await fetched(`http://127.0.0.1:${http}/metrics`);
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}{${labels}}`)) ?? '';
    return Number(line.slice(line.lastIndexOf(' ') + 1) || Number.NaN);
  };
  const virtual = `protocol="tcp",virtual="${address}:80"`;
  const both = `${virtual},server="${real}"`;
  await until(
    'the server is in the table',
    async () => (await sample('ldirectord_server_weight', both)) === 3,
    patience,
  );
  for (let request = 0; request < requests; request += 1) {
    assert.equal(await fetched(`http://${address}/`, 200, { headers: { Connection: 'close' } }), 'up');
  }
  await until(
    () => `all connections are counted in\n${text}`,
    async () => (await sample('ldirectord_virtual_connections_total', virtual)) === requests,
    patience,
  );
  assert.equal(await sample('ldirectord_server_connections_total', both), requests);
  assert.ok((await sample('ldirectord_server_incoming_packets_total', both)) >= 3 * requests);
  assert.ok((await sample('ldirectord_virtual_incoming_bytes_total', virtual)) > 0);
  assert.ok((await sample('ldirectord_server_inactive_connections', both)) > 0);
  assert.equal(await sample('ldirectord_server_persistent_connections', both), 0);
});
