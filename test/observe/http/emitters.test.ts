import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { leaveSocket } from '../../helpers/abandoned-socket.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { amidErrors, moments } from '../../helpers/troubled-emitters.js';
import { webSite } from '../../helpers/web-site.js';

test('no error of a socket, a server, a request or a response ends the process, whenever it comes', async (t) => {
  const folder = await temporaryDirectory(t);
  const ask = async (socketPath: string, path: string): Promise<void> => {
    const asked = request({ socketPath, path, headers: { 'Accept-Encoding': 'gzip' } });
    asked.on('error', () => {});
    asked.end();
    const [response] = await once(asked, 'response');
    await buffer(response);
  };
  let emitted = 0;
  for (const [round, at] of moments.entries()) {
    const path = join(folder, `${round}.sock`);
    await leaveSocket(path);
    emitted += await amidErrors(at, async () => {
      const { web } = await webSite(t, { settings: { http: { path } } });
      for (const what of ['/metrics', '/api/v1/status', '/page/main.js', '/nothing'])
        await ask(path, what).catch(() => {});
      const following = request({ socketPath: path, path: '/events' }).end();
      following.on('error', () => {});
      await Promise.race([once(following, 'response'), once(following, 'close')]).catch(() => {});
      await web.close();
    });
  }
  assert.ok(emitted > 100, String(emitted));
});
