/** What becomes of checks whose code is not there, as while another version of the program is put in its place. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Loadable } from '../../src/checks/loadable.js';
import { checkOf, tlsOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { repository } from '../helpers/repository.js';
import { startTcpServer } from '../helpers/tcp-server.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** A copy of the program, from which parts can be taken. */
async function copied(t: TestContext) {
  const folder = await temporaryDirectory(t);
  const program = join(folder, 'build/src');
  await mkdir(join(folder, 'build'));
  await cp(join(repository, 'build/src'), program, { recursive: true });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  await cp(join(repository, 'package.json'), join(folder, 'package.json'));
  const away = (path: string) => rename(join(program, path), join(program, `${path}.away`));
  const back = (path: string) => rename(join(program, `${path}.away`), join(program, path));
  return { folder, program, away, back };
}

test('what a check needs is loaded, or named', async (t) => {
  const { program, away, back } = await copied(t);
  const module = await import(pathToFileURL(join(program, 'checks/loadable.js')).href);
  const loadable: Loadable = new module.Loadable();
  const smtp = checkOf({ service: 'smtp' });
  const https = checkOf({ service: 'https', tls: tlsOf() });
  const judged = checkOf({ service: 'https', tls: tlsOf({ minDays: 1 }) });
  await away('probes/services/smtp.js');
  await away('probes/sockets/tls-socket.js');
  await away('probes/sockets/certificate.js');
  await loadable.require([checkOf({ type: 'connect' }), checkOf({})]);
  await assert.rejects(
    loadable.require([smtp]),
    /checks of type negotiate, service smtp .* cannot be loaded: .*smtp\.js/,
  );
  const further = {
    type: 'negotiate',
    service: 'smtp',
    protocol: 'tcp',
    request: '/',
    receive: null,
    tls: null,
  } as const;
  const { http, hex } = smtp;
  const besides = checkOf({ type: 'connect', further: [{ ...further, port: 25, http, hex }] });
  await assert.rejects(loadable.require([besides]), /service smtp .* cannot be loaded: .*smtp\.js/);
  await assert.rejects(loadable.require([https]), /service https over TLS .* cannot be loaded: .*tls-socket\.js/);
  await assert.rejects(loadable.require([judged]), /service https over TLS .* cannot be loaded: .*certificate\.js/);
  // A moment later everything is there, and nothing remembers that it was not.
  await back('probes/services/smtp.js');
  await back('probes/sockets/tls-socket.js');
  await back('probes/sockets/certificate.js');
  await loadable.require([smtp, https, judged]);
});

test('a configuration whose checks cannot be loaded is turned down, and the one before rules on', async (t) => {
  const { folder, program, away } = await copied(t);
  const server = await startTcpServer(() => {});
  t.after(() => server.close());
  const file = join(folder, 'a.cf');
  const text = (checks: string): string =>
    `checkinterval=1\nautoreload=yes\nvirtual=127.0.0.1:${server.port + 1}\n\treal=127.0.0.1:${server.port} masq\n${checks}`;
  await writeFile(file, text('\tchecktype=connect\n'));
  const args = [join(program, 'cli.js'), '--backend', 'memory', '--foreground', file, 'start'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, LDIRECTORD_RUN_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    log += more;
  });
  const logged = (pattern: RegExp) => pattern.test(log);
  await until('it runs', () => logged(/Added real server/), 30_000);
  await away('probes/services/smtp.js');
  await writeFile(file, text('\tservice=smtp\n'));
  await until('it is turned down', () => logged(/ignore new configuration: the probe for checks of .*smtp/), 30_000);
  assert.ok(!logged(/Deleted|reread new configuration/), log);
});
