import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { networkWords } from '../../src/system/network.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';

async function machine(t: TestContext, links: Readonly<Record<string, string>>, routes: string) {
  const folder = await temporaryDirectory(t);
  for (const [name, state] of Object.entries(links)) {
    await mkdir(join(folder, 'net', name), { recursive: true });
    await writeFile(join(folder, 'net', name, 'operstate'), `${state}\n`);
  }
  await writeFile(join(folder, 'route'), header + routes);
  return { links: join(folder, 'net'), routes: join(folder, 'route') };
}

test('links with their states, and the default route', async (t) => {
  const files = await machine(
    t,
    { lo: 'unknown', eth8: 'down', tun9: 'unknown' },
    'eth8\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth8\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n',
  );
  assert.equal(
    await networkWords(files),
    'eth8 down without an address, tun9 up without an address; default route of IPv4 by eth8',
  );
});

test('a machine without links or routes says so, and so does one that tells nothing', async (t) => {
  assert.equal(await networkWords(await machine(t, { lo: 'unknown' }, '')), 'no link but lo; no default route of IPv4');
  const nowhere = { links: '/nowhere', routes: '/nowhere' };
  assert.equal(await networkWords(nowhere), 'links not known; routes not known');
});

test('this machine answers', async () => {
  assert.match(await networkWords(), /; (default|no default|routes)/);
});
