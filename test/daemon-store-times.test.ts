/**
 * How soon directors hear of each other, and how little whoever asks one of them waits for the store that they share: both
 * side by side in one run, by medians and quartiles, which a busy machine moves for both alike.
 */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { ask } from '../src/control/client.js';
import { until } from './helpers/deadline.js';
import { freePort } from './helpers/free-port.js';
import { etcdMissing, startEtcd } from './helpers/servers/etcd.js';
import { all, director } from './helpers/shared-director.js';
import { startTroubledWay, type TroubledWay } from './helpers/troubled-way.js';
import { plain } from './helpers/wish.js';

const skip = etcdMissing && 'etcd is not installed';
const rounds = 15;
/** Milliseconds. */
const promised = { elsewhere: 1_000, later: 10 };

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

function shown(values: readonly number[]): string {
  return [0, 0.5, 1].map((part) => quantile(values, part).toFixed(1)).join(' / ');
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

test('a drain on one director is in the table of another within a second', { skip }, async (t) => {
  const etcd = await startEtcd();
  t.after(() => etcd.close());
  const [a, b] = [
    await director(t, { name: 'lb1', endpoint: etcd.endpoint }),
    await director(t, { name: 'lb2', endpoint: etcd.endpoint }),
  ];
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    times.push(
      await timed(async () => {
        await a.daemon.steering.drain(all('10.0.0.1'), plain);
        await b.has('10.0.0.1', 0);
      }),
    );
    await b.daemon.steering.undrain(all('10.0.0.1'), plain);
    await a.has('10.0.0.1', 1);
  }
  t.diagnostic(`from a drain on one to the table of the other, least / median / most: ${shown(times)} ms`);
  assert.ok(quantile(times, 0.5) <= promised.elsewhere, shown(times));
});

/** What a person asks, each with an answer. */
const verbs = ['drain', 'undrain', 'check-now'] as const;

async function asker(t: TestContext, name: string, endpoint: string | null, port: number) {
  const real = (host: string): string => `\treal=${host}:${port} masq\n`;
  const text = `checkinterval=1\nvirtual=192.0.2.1:80\n${real('127.0.0.1')}${real('127.0.0.2')}\tchecktype=connect\n`;
  const { daemon, path, told } = await director(t, { name, endpoint, text });
  // The last server in use is not drained.
  await until(`${name} has both servers`, () => told('server-up').length === 2);
  const server = all('127.0.0.1');
  const checkNow = async (): Promise<void> => {
    for await (const _ of ask(path, 'check-now', server));
  };
  return {
    path,
    asks: {
      drain: () => daemon.steering.drain(server, plain),
      undrain: () => daemon.steering.undrain(server, plain),
      'check-now': checkNow,
    },
  };
}

async function pendingOf(path: string): Promise<number> {
  for await (const head of ask(path, 'directors')) return (head as { pending: number }).pending;
  return 0;
}

describe('a verb, the table and a check are as quick as without a store', { skip }, () => {
  const troubles: Readonly<Record<string, (way: TroubledWay) => void | Promise<void>>> = {
    'in order': () => {},
    'slow, 2 s a call': (way) => {
      way.delay = 2_000;
    },
    partitioned: (way) => {
      way.swallows = true;
    },
    away: (way) => way.close(),
  };
  for (const [trouble, begin] of Object.entries(troubles)) {
    test(`the store is ${trouble}`, async (t) => {
      const etcd = await startEtcd();
      t.after(() => etcd.close());
      const way = await startTroubledWay(etcd.port);
      if (trouble !== 'away') t.after(() => way.close());
      const port = await freePort();
      const server = createServer((socket) => socket.on('error', () => {}).end());
      await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
      t.after(() => void server.close());
      const without = await asker(t, 'lb1', null, port);
      const shared = await asker(t, 'lb2', `http://127.0.0.1:${way.port}`, port);
      await begin(way);
      const times = { without: new Map<string, number[]>(), with: new Map<string, number[]>() };
      const pending: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        for (const verb of verbs) {
          for (const [who, { asks }] of [['without', without] as const, ['with', shared] as const]) {
            const its = times[who].get(verb) ?? [];
            times[who].set(verb, its);
            its.push(await timed(asks[verb]));
          }
          if (verb === 'drain') pending.push(await pendingOf(shared.path));
        }
      }
      for (const verb of verbs) {
        const [bare = [], own = []] = [times.without.get(verb), times.with.get(verb)];
        const later = own.map((time, round) => time - (bare[round] ?? 0));
        t.diagnostic(`${verb}, least / median / most: ${shown(bare)} ms, with the store ${shown(own)} ms`);
        assert.ok(quantile(later, 0.25) <= promised.later, `${verb} is later by ${shown(later)} ms`);
      }
      // It was answered, and the table had it, before the store did.
      if (trouble !== 'in order')
        assert.ok(
          pending.some((count) => count > 0),
          pending.join(),
        );
    });
  }
});
