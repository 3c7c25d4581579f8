import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { until } from '../helpers/deadline.js';
import { freePort } from '../helpers/free-port.js';
import { Instances } from '../helpers/instance.js';

/** A web server that says its name; checks of it get no answer while it is told to keep them waiting. */
async function named(t: TestContext, name: string) {
  const state = { keepsWaiting: false };
  const server = createServer((request, response) => {
    if (request.url !== '/check') response.end(name);
    else if (!state.keepsWaiting) response.end('fine');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { state, port: (server.address() as AddressInfo).port };
}

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => {
      textOf(response).then(resolve, reject);
    }).on('error', reject);
  });
}

test('after a restart of the balancer those who were up serve from the first table on, others do not', async (t) => {
  const [well, ill, sorry] = [await named(t, 'well'), await named(t, 'ill'), await named(t, 'sorry')];
  const [port, emptyPort] = [await freePort(), await freePort()];
  const service = 'service=http\n\trequest="check"\n\treceive="fine"\n';
  const virtual = (at: number, real: number): string =>
    `virtual=127.0.0.1:${at}\n\treal=127.0.0.1:${real} masq\n\tfallback=127.0.0.1:${sorry.port} masq\n\t${service}`;
  const instance = await (await Instances.open(t)).create(
    'web.cf',
    `checkinterval=1\nnegotiatetimeout=60\n${virtual(port, well.port)}${virtual(emptyPort, ill.port)}`,
  );
  ill.state.keepsWaiting = true;
  assert.equal((await instance.run('start')).code, 0);
  // Who is with the fallback is cut off when it goes.
  await until('the server is in', async () => (await ask(port).catch(() => '')) === 'well');

  // No check of either has a result from here on.
  well.state.keepsWaiting = true;
  assert.equal((await instance.run('restart')).code, 0);
  assert.deepEqual([await ask(port), await ask(emptyPort)], ['well', 'sorry']);

  // Who was stopped and not restarted begins anew.
  assert.equal((await instance.run('stop')).code, 0);
  assert.equal((await instance.run('start')).code, 0);
  assert.equal(await ask(port), 'sorry');
  assert.equal((await instance.run('stop')).code, 0);
});
