import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from '../../../src/config/file/parse.js';
import { loadServices } from '../../../src/system/port-names.js';
import { lacks } from '../../helpers/programs.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { kinds, oneService, type Scenario, targets } from '../scenario.js';
import { keepalived } from './keepalived.js';
import { ours } from './ours.js';
import { reference } from './reference.js';

const scenario: Scenario = { kind: 'http', services: oneService(targets(300, 8080)), interval: 2, timeout: 3 };

test('our configuration means what the scenario says; the reference’s is its own language', async () => {
  const services = await loadServices();
  for (const { kinds: known, configuration, name } of [ours, reference]) {
    for (const kind of known) {
      const { config, diagnostics } = parse(configuration({ ...scenario, kind }), {
        strict: name === 'reference',
        services,
      });
      assert.deepEqual(diagnostics, [], `${name}, ${kind}`);
      const [virtual] = config?.virtuals ?? [];
      assert.equal(virtual?.realServers.length, 300);
      assert.deepEqual([virtual?.checkinterval, virtual?.checktimeout], [2, 3]);
      assert.equal(virtual?.keepalive, kind === 'kept');
    }
  }
});

test('keepalived understands its configuration', { skip: lacks('keepalived') }, async (t) => {
  const file = join(await temporaryDirectory(t), 'keepalived.conf');
  for (const kind of keepalived.kinds) {
    await writeFile(file, keepalived.configuration({ ...scenario, kind }));
    execFileSync('keepalived', [`--config-test=${file}`], { stdio: 'pipe' });
  }
});

test('what a peer cannot do has no configuration', () => {
  const cannot = kinds.filter((kind) => !keepalived.kinds.includes(kind));
  for (const kind of cannot) assert.throws(() => keepalived.configuration({ ...scenario, kind }), /has no check/);
  assert.deepEqual(cannot, ['kept']);
});

test('logs are understood', () => {
  const date = '[Sat Nov 21 08:49:09 2026]';
  assert.equal(ours.removed(`${date} Deleted real server: 127.16.0.1:80 (192.0.2.1:80)`), '127.16.0.1:80');
  assert.equal(ours.removed(`${date} Deleted virtual server: 192.0.2.1:80`), null);
  const restored = 'Restored real server: 127.16.0.1:80 (192.0.2.1:80) (Weight set to 2)';
  assert.equal(reference.reweighted(`${date} ${restored}`), '127.16.0.1:80');
  assert.equal(
    keepalived.removed('Sat: Removing service [127.16.0.1]:tcp:80 from VS [192.0.2.1]:tcp:80'),
    '127.16.0.1:80',
  );
  assert.equal(
    keepalived.reweighted('Changing weight from 1 to 2 for active service [127.0.0.1]:tcp:80 of VS [192.0.2.1]:tcp:80'),
    '127.0.0.1:80',
  );
  assert.equal(keepalived.removed('Sat: Lost quorum 1-0=1 > 0 for VS [192.0.2.1]:tcp:80'), null);
});

test('our own word about the second before is understood', () => {
  const line =
    'Checks: 5000 begun, 2 failed, 3 skipped, 41 under way, 7 waiting; late 0.5/12.5/40 ms, took 1/2/3 ms (half, 99 %, most)';
  assert.deepEqual(ours.ownWord?.(line), { skipped: 3, p99: 12.5, worst: 40 });
  assert.equal(ours.ownWord?.('Check failed: 127.16.0.1:80 (tcp:192.0.2.1:80)'), null);
});
