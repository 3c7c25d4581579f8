import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { AskError, askOnce } from '../../src/control/client.js';
import { ControlServer } from '../../src/control/server.js';
import { leaveSocket } from '../helpers/abandoned-socket.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { amidErrors, moments } from '../helpers/troubled-emitters.js';

test('no error of a socket or a server ends the process, whenever it comes, on either side', async (t) => {
  const folder = await temporaryDirectory(t);
  let emitted = 0;
  for (const [round, at] of moments.entries()) {
    const path = join(folder, `${round}.sock`);
    await leaveSocket(path);
    emitted += await amidErrors(at, async () => {
      const handle = async function* () {
        for (let count = 0; count < 100; count += 1) yield 'x'.repeat(1024);
      };
      const server = await ControlServer.open({ path, handle }).catch(() => null);
      for (let client = 0; client < 3; client += 1) {
        await askOnce(path, 'list').catch((error: unknown) => assert.ok(error instanceof AskError, String(error)));
      }
      await server?.close();
    });
  }
  assert.ok(emitted > 20, String(emitted));
});
