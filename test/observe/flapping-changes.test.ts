import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Log } from '../../src/observe/log.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const who = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;

async function log(t: TestContext) {
  const logfile = join(await temporaryDirectory(t), 'log');
  const opened = new Log(
    { name: 'web.cf', pid: 47, send: () => null, journal: null, publish: () => {} },
    { logfile, format: 'text', level: 'info' },
  );
  const down = (server: string = who.server): void => {
    const count = { duration: 1, failures: 1, failurecount: 1 };
    opened.listener({ type: 'server-down', ...who, server, reason: 'refused', ...count });
    const change = {
      ...who,
      server,
      object: 'real',
      action: 'deleted',
      name: server,
      weight: 0,
      phase: 'start',
    } as const;
    opened.listener({ type: 'table-changed', change, status: 'running' });
  };
  const up = (): void => opened.listener({ type: 'server-up', ...who, reason: 'connected' });
  const lines = async (): Promise<string[]> => {
    await opened.close();
    const text = await readFile(logfile, 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(/^\[.*?\] /, ''));
  };
  return { opened, down, up, lines };
}

test('changes of a server that flaps are not told one by one, and its last ones before that it has settled', async (t) => {
  const { opened, down, up, lines } = await log(t);
  opened.listener({ type: 'server-flapping', ...who, changes: 10, seconds: 20 });
  for (let time = 0; time < 20; time += 1) {
    up();
    down();
  }
  opened.listener({ type: 'servers-flap', servers: 1, changes: 40, most: { ...who, changes: 40 } });
  opened.listener({ type: 'server-settled', ...who, up: false, changes: 50, seconds: 80 });
  up();
  assert.deepEqual(await lines(), [
    'Flapping: 10.0.0.1:80 (tcp:192.0.2.1:80): 10 changes within 20 s; they are not told one by one until it settles',
    'Flapping still: 10.0.0.1:80 (tcp:192.0.2.1:80): 40 changes in the last minute',
    'Check failed: 10.0.0.1:80 (tcp:192.0.2.1:80): refused, after 1 ms, failure 1/1',
    'Deleted real server: 10.0.0.1:80 (192.0.2.1:80)',
    'Flapping no more: 10.0.0.1:80 (tcp:192.0.2.1:80): down after 50 changes within 80 s',
    'Check passed: 10.0.0.1:80 (tcp:192.0.2.1:80): connected',
  ]);
});

test('a log that ends says last how a server is that flaps', async (t) => {
  const { opened, down, up, lines } = await log(t);
  opened.listener({ type: 'server-flapping', ...who, changes: 10, seconds: 20 });
  down();
  up();
  assert.match((await lines()).at(-1) ?? '', /^Check passed/);
});

test('of ten thousand servers that fail at once each one is told of, whatever flaps', async (t) => {
  const { opened, down, lines } = await log(t);
  opened.listener({ type: 'server-flapping', ...who, changes: 10, seconds: 20 });
  const names = Array.from({ length: 10_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}:80`);
  for (const name of names) down(name);
  const told = await lines();
  const named = new Set(told.flatMap((line) => /^Deleted real server: (\S+)/.exec(line)?.[1] ?? []));
  assert.deepEqual([...named], names);
  assert.equal(told.filter((line) => line.startsWith('Check failed')).length, names.length);
});
