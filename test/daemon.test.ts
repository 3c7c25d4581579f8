import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { unknownOrigin } from '../src/model/origin.js';
import { messagesOf } from '../src/observe/messages.js';
import { KnownNames } from '../src/reload/known-names.js';
import { type DaemonSetting, startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { exhaustDescriptors } from './helpers/resource-limits.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { forced } from './helpers/wish.js';

const patience = 15_000;

async function webServer(
  t: TestContext,
  body = 'up',
): Promise<{ server: Server; port: number; requests: () => number }> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { server, port: (server.address() as AddressInfo).port, requests: () => requests };
}

/** A daemon on a file of the test's own, with its log as lines. */
async function started(t: TestContext, text: string, options: Partial<DaemonSetting> = {}) {
  const backend = options.backend ?? new MemoryBackend();
  const lines: string[] = [];
  const { daemon, folder, file, events } = await startDaemon(t, text, { ...options, backend }, (event) => {
    lines.push(...messagesOf(event).map((message) => message.text));
  });

  let read = 0;
  const line = async (pattern: RegExp): Promise<string> => {
    const limit = performance.now() + patience;
    while (performance.now() < limit) {
      while (read < lines.length) {
        const next = lines[read++] ?? '';
        if (pattern.test(next)) return next;
      }
      await sleep(5);
    }
    throw new Error(`no line ${pattern} in:\n${lines.join('\n')}`);
  };
  const table = async (): Promise<string[]> =>
    [...(await backend.read())].map(
      ([key, { destinations }]) =>
        `${key}: ${[...destinations].map(([to, { weight }]) => `${to} ${weight}`).join(', ') || 'nobody'}`,
    );
  return { daemon, file, folder, lines, events, line, table };
}

function web(port: number, more = ''): string {
  return `checkinterval=1\nchecktimeout=1\nautoreload=yes\nvirtual=192.0.2.1:80\n\treal=127.0.0.1:${port} masq 2\n\tfallback=127.0.0.1:9 masq\n\tservice=http\n${more}`;
}

test('a server goes in, out and in again, the fallback the other way round', async (t) => {
  const { server, port } = await webServer(t);
  const { line, table } = await started(t, web(port, '\treceive="up"\n'));
  await line(/Added virtual server: 192\.0\.2\.1:80$/);
  await line(/Added fallback server: 127\.0\.0\.1:9 \(192\.0\.2\.1:80\) \(Weight set to 1\)$/);
  await line(/Check passed/);
  await line(/Added real server/);
  await line(/Deleted fallback server/);
  assert.deepEqual(await table(), [`tcp 192.0.2.1:80: 127.0.0.1:${port} 2`]);
  server.close();
  server.closeAllConnections();
  await line(/Check failed: .*connect: .*ECONNREFUSED/);
  await line(/Added fallback server/);
  await line(/Deleted real server/);
  server.listen(port, '127.0.0.1');
  await line(/Added real server/);
});

test('a server that was drained before this start stands as it did, and its connections with it', async (t) => {
  const { port } = await webServer(t);
  const backend = new MemoryBackend();
  const before = await started(t, web(port).replace(/\tfallback.*\n/, ''), { backend });
  await before.line(/Added real server/);
  const place = `127.0.0.1:${port}`;
  await before.daemon.steering.drain({ server: place, virtual: null }, forced);
  const standing = [`tcp 192.0.2.1:80: ${place} 0`];
  assert.deepEqual(await before.table(), standing);

  const drain = { kind: 'drain', server: place, virtual: null, weight: 0, until: null, ...unknownOrigin } as const;
  const byHandFile = { read: async () => ({ byHand: [drain], fault: null }), write: async () => {} };
  const { line, table, lines } = await started(t, web(port).replace(/\tfallback.*\n/, ''), { backend, byHandFile });
  await line(/Maintenance began: .*drained by hand/);
  assert.deepEqual(await table(), standing);
  assert.doesNotMatch(lines.join('\n'), /(Deleted|Purged|Added) real server/);
});

test('soft failures are counted before a server goes', async (t) => {
  const { server, port } = await webServer(t);
  const { line, table } = await started(t, web(port, '\tfailurecount=2\n\tquiescent=yes\n'));
  await line(/Restored real server/);
  server.close();
  server.closeAllConnections();
  await line(/failure 1\/2$/);
  await line(/Soft failure real server: 127\.0\.0\.1:\d+ \(tcp:192\.0\.2\.1:80\) failure 1\/2$/);
  await line(/Check failed: .*failure 2\/2$/);
  await line(/Quiescent real server: .* \(Weight set to 0\)$/);
  assert.deepEqual(await table(), [`tcp 192.0.2.1:80: 127.0.0.1:${port} 0, 127.0.0.1:9 1`]);
});

test('a server that stands in the table keeps its weight until its first result', async (t) => {
  const { port } = await webServer(t);
  const backend = new MemoryBackend();
  const before = await started(t, web(port), { backend });
  await before.line(/Deleted fallback server/);
  const standing = await before.table();

  // Another daemon finds the table as a killed one left it.
  const { lines, line, table } = await started(t, web(port), { backend });
  await line(/Starting/);
  await sleep(300);
  assert.deepEqual(await table(), standing);
  assert.deepEqual(
    lines.filter((text) => /server: /.test(text)),
    [],
    'nothing moved',
  );
});

test('the file saved in place, by rename and by swapped link is taken over, and says what changed', async (t) => {
  const { port } = await webServer(t);
  const { file, folder, line } = await started(t, web(port));
  await line(/Deleted fallback server/);
  await writeFile(file, web(port).replace('masq 2', 'masq 3'));
  await line(/Configuration file '.*test\.cf' has changed on disk/);
  await line(/^ - reread new configuration$/);
  await line(/weight 2 -> 3/);
  await line(/Restored real server: .*\(Weight set to 3\)/);
  await writeFile(join(folder, 'new.cf'), web(port).replace('masq 2', 'masq 4'));
  await rename(join(folder, 'new.cf'), file);
  await line(/weight 3 -> 4/);
  await writeFile(join(folder, 'other.cf'), web(port).replace('masq 2', 'masq 5'));
  await unlink(file);
  await symlink('other.cf', file);
  await line(/weight 4 -> 5/);
});

test('a broken file is refused whole, with every error, and the next good one is taken', async (t) => {
  const { port } = await webServer(t);
  const { file, line, table, lines } = await started(t, web(port));
  await line(/Deleted fallback server/);
  const before = await table();
  await writeFile(file, `${web(port)}\tchecktype=guess\n\treal=\n`);
  await line(/test\.cf:8:\d+: error: /);
  await line(/test\.cf:9:\d+: error: /);
  await line(/ignore new configuration: 2 errors/);
  assert.deepEqual(await table(), before);
  await writeFile(file, web(port).replace('masq 2', 'masq 7'));
  await line(/weight 2 -> 7/);
  assert.equal(lines.filter((text) => /ignore/.test(text)).length, 1);
});

test('a file that an editor empties before it writes costs nothing', async (t) => {
  const { port } = await webServer(t);
  const { file, line, lines } = await started(t, web(port));
  await line(/Deleted fallback server/);
  await writeFile(file, '');
  await sleep(300);
  await writeFile(file, web(port).replace('masq 2', 'masq 3'));
  await line(/weight 2 -> 3/);
  assert.deepEqual(
    lines.filter((text) => /Purged/.test(text)),
    [],
  );
  await writeFile(file, '');
  await line(/Purged virtual server/);
});

test('a reload keeps health and due times: nothing moves, and nobody is asked again', async (t) => {
  const { port, requests } = await webServer(t);
  const { daemon, line, lines } = await started(t, web(port).replace('checkinterval=1', 'checkinterval=60'));
  await line(/Deleted fallback server/);
  const moved = lines.length;
  for (let turn = 0; turn < 5; turn += 1) await daemon.reload();
  await sleep(100);
  assert.equal(requests(), 1);
  assert.deepEqual(
    [...new Set(lines.slice(moved).filter((text) => !text.startsWith('Checks: ')))],
    ['Reloading Linux Director Daemon config on signal', ' - reread new configuration', ' - nothing changed'],
  );
});

test('without autoreload a change is told once and left alone until a signal', async (t) => {
  const { port } = await webServer(t);
  const { daemon, file, line, lines } = await started(t, web(port).replace('autoreload=yes', 'autoreload=no'));
  await line(/Deleted fallback server/);
  await writeFile(file, web(port).replace('masq 2', 'masq 3').replace('autoreload=yes', 'autoreload=no'));
  await line(/has changed on disk/);
  await line(/ignore new configuration: autoreload is off/);
  await sleep(400);
  await daemon.reload();
  await line(/weight 2 -> 3/);
  assert.equal(lines.filter((text) => /changed on disk/.test(text)).length, 1);
});

test('a virtual that the new file lacks is purged', async (t) => {
  const { port } = await webServer(t);
  const { file, line, table } = await started(t, web(port));
  await line(/Deleted fallback server/);
  await writeFile(file, web(port).replace('192.0.2.1', '192.0.2.2'));
  await line(/Purged virtual server \(start\): 192\.0\.2\.1:80/);
  assert.equal((await table()).length, 1);
});

test('stop cleans up as cleanstop says', async (t) => {
  const { port } = await webServer(t);
  const backend = new MemoryBackend();
  const second = web(port).split('\n').slice(3).join('\n').replace('192.0.2.1', '192.0.2.2');
  const { daemon, line, table } = await started(t, `${web(port)}\n${second}\n\tcleanstop=no\n`, {
    // The table outlives the daemon, as the kernel's does.
    backend: Object.assign(backend, { close: async () => {} }),
  });
  await line(/Deleted fallback server/);
  await line(/Deleted fallback server/);
  await daemon.stop('signal: TERM');
  await line(/Purged real server \(stop\)/);
  await line(/Purged virtual server \(stop\): 192\.0\.2\.1:80/);
  await line(/Linux Director Daemon terminated on signal: TERM/);
  assert.deepEqual(await table(), [`tcp 192.0.2.2:80: 127.0.0.1:${port} 2`]);
});

/** A name that has an address only while `known`. */
function lateName() {
  const state = { known: false };
  const lookup = async (): Promise<string> => {
    if (state.known) return '127.0.0.1';
    throw new Error('ENOTFOUND');
  };
  return { state, lookup };
}

test('a name that does not resolve takes only its own server out, and is tried again by itself', async (t) => {
  const { port } = await webServer(t);
  const { state, lookup } = lateName();
  const text = `${web(10)}\treal=late.example:${port} masq\nvirtual=192.0.2.2:80\n\treal=127.0.0.1:${port} masq\n\tservice=http\n`;
  const { line, table } = await started(t, text, { lookup, resolveAgainAfter: 50 });
  await line(/warning: .*late\.example/);
  await line(/Added real server: .*\(192\.0\.2\.2:80\)/);
  state.known = true;
  await line(/Resolved .*real late\.example:\d+: host unresolved -> 127\.0\.0\.1/);
  await line(/Added real server: 127\.0\.0\.1:\d+ \(192\.0\.2\.1:80\)/);
  await line(/Deleted fallback server/);
  assert.equal((await table()).length, 2);
});

test('a name that turns out to be another service is told, and the fallback waits while either has a server', async (t) => {
  const { state, lookup } = lateName();
  const text =
    'fallback=127.0.0.1:9 masq\nvirtual=late.example:80\n\treal=10.0.0.1:80 masq\n\tchecktype=off\nvirtual=127.0.0.1:80\n\treal=10.0.0.2:80 masq\n\tchecktype=on\n';
  const { daemon, line, lines, table } = await started(t, text, { lookup, resolveAgainAfter: 50 });
  await line(/Added real server: 10\.0\.0\.2:80/);
  state.known = true;
  await line(/warning: .*“late\.example” in line 2 and “127\.0\.0\.1” have one address/);
  // Comes after what the names change.
  await daemon.reload();
  assert.deepEqual(await table(), ['tcp 127.0.0.1:80: 10.0.0.2:80 1']);
  assert.equal(lines.filter((told) => told.includes('fallback server')).length, 0);
});

test('a reload while the name servers are away takes no server out', async (t) => {
  const { port } = await webServer(t);
  const { state, lookup } = lateName();
  state.known = true;
  const { daemon, line, table } = await started(t, web(port).replace('real=127.0.0.1', 'real=late.example'), {
    lookup,
  });
  await line(/Deleted fallback server/);
  const standing = await table();
  state.known = false;
  await daemon.reload();
  await line(/nothing changed/);
  assert.deepEqual(await table(), standing);
});

test('a restart while the name servers are away moves nothing, and a file of addresses that is broken is told', async (t) => {
  const folder = await temporaryDirectory(t);
  const path = join(folder, 'names');
  const backend = Object.assign(new MemoryBackend(), { close: async () => {} });
  const { state, lookup } = lateName();
  const text = `fallback=127.0.0.1:80\nvirtual=192.0.2.1:80\n\treal=late.example:80 masq\n\tchecktype=on\n`;
  const start = async (names = path) =>
    started(t, text, { backend, lookup, knownNames: await KnownNames.open(names), resolveAgainAfter: 3_600_000 });
  state.known = true;
  const before = await start();
  const standing = await before.table();
  assert.deepEqual(standing, ['tcp 192.0.2.1:80: 127.0.0.1:80 1']);
  await until('they are kept', async () => (await KnownNames.open(path)).addresses.size === 1);
  await before.daemon.leave('signal: USR2');

  state.known = false;
  const after = await start();
  assert.deepEqual(await after.table(), standing);
  assert.match(after.lines.join('\n'), /late\.example” keeps its address 127\.0\.0\.1/);
  await after.daemon.leave('signal: USR2');

  await writeFile(path, 'nonsense');
  const broken = await start();
  assert.match(broken.lines.join('\n'), /Addresses of names are lost: .*; it is .*names\.bad now/);
  // Who stands there is not known to be one of ours, but may be.
  assert.ok((await broken.table()).every((line) => line.includes('127.0.0.1:80 1')));
  assert.doesNotMatch(broken.lines.join('\n'), /Purged/);
});

test('checktype on, off and none ask nobody', async (t) => {
  const { port, requests } = await webServer(t);
  const text = ['on', 'off', 'negotiate\n\tservice=none']
    .map((type, index) => `virtual=192.0.2.${index + 1}:80\n\treal=127.0.0.1:${port} masq\n\tchecktype=${type}\n`)
    .join('');
  const { table } = await started(t, text);
  await sleep(200);
  assert.equal(requests(), 0);
  assert.deepEqual(await table(), [
    `tcp 192.0.2.1:80: 127.0.0.1:${port} 1`,
    'tcp 192.0.2.2:80: nobody',
    `tcp 192.0.2.3:80: 127.0.0.1:${port} 1`,
  ]);
});

test('a service that moves to another address has its servers at once, however long the interval is', async (t) => {
  const { server, port, requests } = await webServer(t);
  const text = (address: string) =>
    web(port).replace('checkinterval=1', 'checkinterval=600').replace('192.0.2.1', address);
  const { file, line, lines, table, daemon } = await started(t, text('192.0.2.1'));
  await line(/Added real server/);
  const asked = requests();
  await writeFile(file, text('192.0.2.7'));
  assert.equal((await daemon.reload()).ok, true);
  assert.deepEqual(await table(), [`tcp 192.0.2.7:80: 127.0.0.1:${port} 2`]);
  assert.ok(!lines.some((text) => text.includes('Added fallback server: 127.0.0.1:9 (192.0.2.7:80)')));
  assert.equal(requests(), asked);
  server.closeAllConnections();
});

test('a shortage of this machine moves no server, is told once, and shows', async (t) => {
  const program = web(8, '\tchecktype=external\n\tcheckcommand=/bin/true\n');
  const { daemon, line, lines, table } = await started(t, program);
  await line(/Deleted fallback server/);
  const standing = await table();
  const server = { server: '127.0.0.1:8', virtual: null };
  const giveBack = exhaustDescriptors(1024);
  try {
    await line(/^No verdict of a check, whose servers stay as they are: command: .*\(EMFILE\)$/);
    const [shown] = (await daemon.describe()).virtuals[0]?.servers ?? [];
    assert.deepEqual([shown?.up, shown?.decided], [true, true]);
    assert.match(shown?.hindered ?? '', /EMFILE/);
    const [now] = await daemon.checkNow(server);
    assert.equal(now?.result?.ok, null);
    const [explained] = await daemon.explain(server);
    assert.ok((explained?.check?.results?.withoutVerdict ?? 0) >= 2);
  } finally {
    giveBack();
  }
  const hindered = async () => (await daemon.describe()).virtuals[0]?.servers[0]?.hindered ?? null;
  await until('there is a verdict', async () => (await hindered()) === null);
  assert.deepEqual(await table(), standing);
  assert.deepEqual(lines.filter((text) => /^No verdict|Deleted real server|Check failed/.test(text)).length, 1);
});

test('how often a server has failed in a row, and when it was checked last, is true long after it went down', async (t) => {
  const { server, port } = await webServer(t);
  const { daemon, line } = await started(
    t,
    web(port).replace('virtual=', 'checkinterval=60\nfailurecount=2\nvirtual='),
  );
  await line(/Added real server/);
  server.close();
  server.closeAllConnections();
  const target = { server: `127.0.0.1:${port}`, virtual: null };
  const before = Date.now();
  for (let failed = 0; failed < 5; failed += 1) await daemon.checkNow(target);
  const { virtuals } = await daemon.describe();
  const [shown] = virtuals[0]?.servers ?? [];
  assert.deepEqual([shown?.up, shown?.failures], [false, 5]);
  assert.ok((shown?.checked ?? 0) >= before);
  const [explanation] = await daemon.explain(target);
  assert.equal(explanation?.server.failures, 5);
});

test('a server that was down comes back after risecount successes, asked at fastinterval', async (t) => {
  const { server, port } = await webServer(t);
  const { daemon, line } = await started(
    t,
    web(port).replace('virtual=', 'checkinterval=600\nfastinterval=1\nrisecount=3\nvirtual='),
  );
  await line(/Added real server/);
  server.close();
  server.closeAllConnections();
  const target = { server: `127.0.0.1:${port}`, virtual: null };
  await daemon.checkNow(target);
  await line(/Deleted real server/);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await daemon.checkNow(target);
  // The others come by themselves.
  await line(/Rising real server: .* success 1\/3/);
  await line(/Rising real server: .* success 2\/3/);
  await line(/Check passed/);
  const [explanation] = await daemon.explain(target);
  assert.equal(explanation?.check?.risecount, 3);
});

test('who is kept in use by the minimum is handed over to the next run', async (t) => {
  const { server, port } = await webServer(t);
  const { daemon, line } = await started(t, web(port).replace('virtual=', 'minhealthy=1\nvirtual='));
  await line(/Added real server/);
  server.close();
  server.closeAllConnections();
  await daemon.checkNow({ server: `127.0.0.1:${port}`, virtual: null });
  await line(/Below minhealthy: .* 0 healthy of 1 at least/);
  const { virtuals } = await daemon.describe();
  const [shown] = virtuals[0]?.servers ?? [];
  assert.deepEqual([shown?.up, shown?.inUse, shown?.byMinimum], [false, true, true]);
  assert.equal(daemon.handedOver.up.size, 1);
});
