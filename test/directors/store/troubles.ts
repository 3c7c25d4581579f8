/**
 * By hand: two directors at the same checks, side by side, one of them with a store that is in every kind of trouble.
 * Prints how late checks began and how late the main loop was, of each, trouble by trouble. As root both go before all
 * other processes.
 *
 *     node build/test/directors/store/troubles.js [SECONDS of each trouble] [CHECKS] [TROUBLE,…: all by default]
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Daemon } from '../../../src/daemon.js';
import { openEtcd } from '../../../src/directors/store/etcd/etcd-store.js';
import { EventBus } from '../../../src/events.js';
import { MemoryBackend } from '../../../src/ipvs/memory.js';
import { serverName } from '../../../src/model/names.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { makeCertificate, testAuthority } from '../../helpers/certificate.js';
import { lacks } from '../../helpers/programs.js';
import { type Etcd, startEtcd } from '../../helpers/servers/etcd.js';
import { startTroubledWay } from '../../helpers/troubled-way.js';

interface Figures {
  readonly checks: number;
  readonly skipped: number;
  readonly late: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly events: Readonly<Record<string, number>>;
}

const goesFirst = process.getuid?.() === 0 && lacks('chrt') === false;
const self = fileURLToPath(import.meta.url);
const [first = '', second = '', third = ''] = process.argv.slice(2);
if (first === 'director') await beDirector(second, third);
else await main(Number(first || 20), Number(second || 400), third === '' ? null : third.split(','));

/** In a process of its own: says its figures when it is asked for them, and begins anew. */
async function beDirector(file: string, quiet: string): Promise<void> {
  const bus = new EventBus();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const buckets = new Map<number, number>();
  let [checks, skipped, worst] = [0, 0, 0];
  const seen = new Map<string, number>();
  bus.subscribe((event) => {
    if (event.type.startsWith('store-')) {
      seen.set(event.type, (seen.get(event.type) ?? 0) + 1);
      if (quiet === '') process.stderr.write(`${JSON.stringify(event)}\n`);
    }
    if (event.type !== 'checks-summed') return;
    checks += event.sums.started;
    skipped += event.sums.skipped;
    worst = Math.max(worst, event.sums.lateness.max);
    for (const [upTo, counted] of event.spreads.lateness.buckets) {
      buckets.set(upTo, (buckets.get(upTo) ?? 0) + counted);
    }
  });
  const backend = new MemoryBackend();
  const loaded = await readConfiguration(file, { strict: false, capabilities: backend.capabilities });
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.diagnostics));
  const daemon = await Daemon.start(
    { file, strict: false, bus, version: '0', backend },
    { ...loaded, config: loaded.config },
  );
  const [{ realServers: [server] = [] } = {}] = loaded.config.virtuals;
  if (server === undefined) throw new Error('there is no server');
  const firstServer = { server: serverName(server), virtual: null };
  loop.enable();
  process.on('message', (word) => {
    if (word === 'stop') {
      void daemon.stop('the end').then(() => process.exit(0));
      return;
    }
    if (word === 'drain' || word === 'undrain') {
      void daemon.steering[word](firstServer, { who: 'somebody', why: null, force: false });
      return;
    }
    if (word === 'reload') {
      void daemon.reload();
      return;
    }
    const total = [...buckets.values()].reduce((sum, one) => sum + one, 0);
    const share = (part: number): number => {
      let counted = 0;
      for (const [upTo, count] of [...buckets].toSorted(([a], [b]) => a - b)) {
        counted += count;
        if (counted >= total * part) return upTo;
      }
      return 0;
    };
    const milliseconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1);
    const figures: Figures = {
      checks,
      skipped,
      late: { p50: share(0.5), p99: share(0.99), max: worst },
      loop: {
        p50: milliseconds(loop.percentile(50)),
        p99: milliseconds(loop.percentile(99)),
        max: milliseconds(loop.max),
      },
      events: Object.fromEntries(seen),
    };
    process.send?.(figures);
    [checks, skipped, worst] = [0, 0, 0];
    buckets.clear();
    seen.clear();
    loop.reset();
  });
  process.send?.('ready');
}

async function main(seconds: number, checks: number, only: readonly string[] | null): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ldirectord-troubles-'));
  const server = createServer((socket) => socket.on('error', () => {}).end());
  server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 });
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const lines = Array.from({ length: checks }, (_, index) => {
    return `\treal=127.1.${Math.floor(index / 250)}.${(index % 250) + 1}:${port} masq\n`;
  });
  const text = `checkinterval=1\nchecktimeout=5\nvirtual=192.0.2.1:80\n\tchecktype=connect\n${lines.join('')}`;
  const etcd = await startEtcd({ args: ['--quota-backend-bytes', String(64 * 1024 * 1024)] });
  const way = await startTroubledWay(etcd.port);
  const certificate = testAuthority().issue({ names: ['127.0.0.1'] });
  const secure = await startEtcd({ tls: { certificate } });
  const start = async (name: string, settings: string): Promise<ChildProcess> => {
    await writeFile(join(folder, `${name}.cf`), text);
    await writeFile(join(folder, 'ldirectord.ini'), `workers = 2\n${settings}`);
    const quiet = process.env['TROUBLES_EVENTS'] ? '' : 'quiet';
    const child = fork(self, ['director', join(folder, `${name}.cf`), quiet], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // What makes the trouble, and whoever else is here, is not to be what is measured.
      ...(goesFirst && { execPath: 'chrt', execArgv: ['-r', '1', process.execPath] }),
    });
    await once(child, 'message');
    return child;
  };
  const without = await start('without', '');
  const usual = `[store]\nendpoints = http://127.0.0.1:${way.port}\nprefix = /ldirectord/t\n`;
  const withStore = await start('with', usual);
  /** The one with a store has it by these settings from now on. */
  const reload = async (settings: string): Promise<void> => {
    await writeFile(join(folder, 'ldirectord.ini'), `workers = 2\n${settings}`);
    withStore.send('reload');
  };
  const ask = async (child: ChildProcess): Promise<Figures> => {
    child.send('figures');
    const [figures] = (await once(child, 'message')) as [Figures];
    return figures;
  };
  const phase = async (name: string, trouble: () => Promise<void>): Promise<void> => {
    if (only !== null && !only.includes(name)) return;
    await Promise.all([ask(without), ask(withStore)]);
    const end = performance.now() + seconds * 1_000;
    await trouble();
    await sleep(Math.max(0, end - performance.now()));
    const [bare, shared] = await Promise.all([ask(without), ask(withStore)]);
    const row = ({ late, loop, checks: count, skipped }: Figures): string =>
      `${[late.p50, late.p99, late.max].map((value) => value.toFixed(1).padStart(6)).join(' ')} |${[loop.p50, loop.p99, loop.max].map((value) => value.toFixed(1).padStart(6)).join(' ')} | ${count} checks, ${skipped} skipped`;
    process.stdout.write(
      `${name.padEnd(14)} without ${row(bare)}\n${''.padEnd(14)} with    ${row(shared)} ${JSON.stringify(shared.events)}\n`,
    );
  };
  const opened = await openEtcd(
    etcd.endpoint,
    { prefix: '/ldirectord/t', files: { user: null, passwordFile: null, caFile: null, certFile: null, keyFile: null } },
    new AbortController().signal,
  );
  if (!opened.ok) throw new Error(opened.fault.message);
  const writer = opened.value;
  const never = new AbortController().signal;
  /** So many writes a second, each of so many keys. */
  const flood = async (a: number, keys: number, size: number): Promise<void> => {
    const end = performance.now() + seconds * 1_000;
    const value = 'x'.repeat(size);
    for (let turn = 0; performance.now() < end; turn += 1) {
      const operations = Array.from({ length: keys }, (_, index) => {
        return { type: 'put', key: `f/${index}`, value: `${value}${turn}` } as const;
      });
      const begun = performance.now();
      await writer.write({ operations }, never);
      await sleep(Math.max(0, 1_000 / a - (performance.now() - begun)));
    }
    await etcd.ctl('compaction', JSON.parse(await etcd.ctl('get', 'x', '-w', 'json')).header.revision);
    await etcd.ctl('defrag');
  };
  process.stdout.write('milliseconds:          checks late p50 p99 max  | loop late p50 p99 max\n');
  await sleep(3_000);
  await phase('in order', async () => {});
  await phase('under load', () => flood(20, 100, 200));
  await phase('flood', () => flood(100, 100, 1_000));
  // Each call takes two seconds.
  await phase('slow', async () => {
    way.delay = 2_000;
  });
  way.delay = 0;
  await phase('in order', async () => {});
  await phase('swallowed', async () => {
    way.swallows = true;
  });
  way.swallows = false;
  await phase('back', async () => {});
  await phase('broken off', async () => {
    const end = performance.now() + seconds * 900;
    while (performance.now() < end) {
      way.breakOff();
      await sleep(100);
    }
  });
  await phase('stopped', async () => {
    etcd.freeze();
    await sleep(seconds * 700);
    etcd.thaw();
  });
  await phase('killed', async () => {
    await etcd.end();
    await sleep(seconds * 700);
    await etcd.again();
  });
  await phase('set up anew', async () => {
    await etcd.renew();
    const operations = Array.from({ length: 100 }, (_, index) => {
      return { type: 'put', key: `g/${index}`, value: 'x'.repeat(8_000) } as const;
    });
    for (let turn = 0; turn < 20; turn += 1) {
      await writer.write({ operations: operations.map((one) => ({ ...one, key: `${one.key}.${turn}` })) }, never);
    }
  });
  await phase('compacted', async () => {
    way.swallows = true;
    await sleep(seconds * 300);
    await writer.write({ operations: [{ type: 'put', key: 'c', value: '1' }] }, never);
    await etcd.ctl('compaction', JSON.parse(await etcd.ctl('get', 'x', '-w', 'json')).header.revision);
    way.swallows = false;
    way.breakOff();
  });
  await phase('full', async () => {
    const value = 'x'.repeat(9_000);
    for (let turn = 0; turn < 200; turn += 1) {
      const operations = Array.from(
        { length: 100 },
        (_, index) => ({ type: 'put', key: `h/${index}`, value }) as const,
      );
      const outcome = await writer.write({ operations }, never);
      if (!outcome.ok) break;
    }
    // Both are asked: one of them has something to write, and cannot.
    const end = performance.now() + seconds * 500;
    for (let turn = 0; performance.now() < end; turn += 1) {
      for (const child of [without, withStore]) child.send(turn % 2 === 0 ? 'drain' : 'undrain');
      await sleep(500);
    }
  });
  await phase('refused', async () => {
    await etcd.renew();
    await enableUsers(etcd);
  });
  await phase('password', async () => {
    await etcd.renew();
    await enableUsers(etcd);
    const password = join(folder, 'password');
    await writeFile(password, 'wrong\n', { mode: 0o600 });
    await reload(`${usual}user = root\npasswordfile = ${password}\n`);
  });
  await phase('certificate', async () => {
    const authority = join(folder, 'other.pem');
    await writeFile(authority, makeCertificate({ names: ['Another'], authority: true }).cert);
    await reload(`[store]\nendpoints = ${secure.endpoint}\nprefix = /ldirectord/t\ncafile = ${authority}\n`);
  });
  for (const child of [without, withStore]) {
    const gone = once(child, 'exit');
    child.send('stop');
    await gone;
  }
  await writer.close();
  await way.close();
  await etcd.close();
  await secure.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
}

async function enableUsers(etcd: Etcd): Promise<void> {
  await etcd.ctl('user', 'add', 'root:other');
  await etcd.ctl('user', 'grant-role', 'root', 'root');
  await etcd.ctl('auth', 'enable');
}
