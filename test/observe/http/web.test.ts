import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { leaveSocket } from '../../helpers/abandoned-socket.js';
import { freePort } from '../../helpers/free-port.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { fetched, webSite } from '../../helpers/web-site.js';

const refused = (port: number) => assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));

test('the listener opens, moves and closes as the settings say, and once only', async (t) => {
  const { web, events, port, settings, base } = await webSite(t);
  assert.equal(await fetched(`${base}/healthz`), 'ok\n');
  await web.configure(settings);
  assert.deepEqual(events, [{ type: 'http-opened', address: `127.0.0.1:${port}` }]);
  const other = await freePort();
  await web.configure({ ...settings, http: { host: '127.0.0.1', port: other } });
  assert.equal(await fetched(`http://127.0.0.1:${other}/healthz`), 'ok\n');
  await refused(port);
  await web.configure({ ...settings, http: null });
  await refused(other);
});

test('an address that is taken is told, and had when it is free', async (t) => {
  const occupant = createServer().listen(0, '127.0.0.1');
  await once(occupant, 'listening');
  t.after(() => occupant.close());
  const address = occupant.address();
  assert.ok(address !== null && typeof address === 'object');
  const { web, events, settings } = await webSite(t, { settings: { http: { host: '127.0.0.1', port: address.port } } });
  const [failed] = events;
  assert.ok(failed?.type === 'http-failed');
  assert.match(failed.reason, /taken.*EADDRINUSE/);
  occupant.close();
  await once(occupant, 'close');
  await web.configure(settings);
  assert.equal(await fetched(`http://127.0.0.1:${address.port}/healthz`), 'ok\n');
});

test('a Unix socket is for its group, replaces one left behind, and leaves one in use alone', async (t) => {
  const path = join(await temporaryDirectory(t), 'web.sock');
  const ask = async (): Promise<string> => {
    const asked = request({ socketPath: path, path: '/healthz' }).end();
    const [response] = await once(asked, 'response');
    return textOf(response);
  };
  const first = await webSite(t, { settings: { http: { path } } });
  assert.equal(await ask(), 'ok\n');
  assert.equal((await stat(path)).mode & 0o777, 0o660);
  const second = await webSite(t, { settings: { http: { path } } });
  assert.equal(second.events[0]?.type, 'http-failed');
  assert.equal(await ask(), 'ok\n');
  await second.web.close();
  await first.web.close();
  await leaveSocket(path);
  const third = await webSite(t, { settings: { http: { path } } });
  assert.equal(await ask(), 'ok\n');
  await third.web.close();
  await writeFile(path, 'not ours');
  const fourth = await webSite(t, { settings: { http: { path } } });
  assert.equal(fourth.events[0]?.type, 'http-failed');
  assert.equal(await readFile(path, 'utf8'), 'not ours');
});

test('closing lets go of everything, whoever is connected', async (t) => {
  await withoutLeaks(async () => {
    const { web, base } = await webSite(t);
    const streaming = await fetch(`${base}/events`);
    await fetched(`${base}/metrics`);
    await web.close();
    await streaming.text().catch(() => {});
  });
});

test('a token file that cannot be used is told, and gives nobody leave', async (t) => {
  const folder = await temporaryDirectory(t);
  const httpTokenFile = join(folder, 'token');
  const actions = { drain: async () => {}, undrain: async () => {} };
  const { web, events, settings, base } = await webSite(t, { settings: { httpTokenFile }, actions });
  const drain = (status: number, token: string) =>
    fetched(`${base}/api/v1/servers/10.0.0.1:80/drain`, status, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });
  assert.ok(events.some((event) => event.type === 'http-failed' && /httptokenfile/.test(event.reason)));
  await drain(403, 'undefined');
  await writeFile(httpTokenFile, 'short\n');
  await web.configure(settings);
  await drain(403, 'short');
  await writeFile(httpTokenFile, 'a-token-that-is-long-enough\n');
  await web.configure(settings);
  await drain(200, 'a-token-that-is-long-enough');
  assert.ok(!JSON.stringify(events).includes('long-enough'));
});
