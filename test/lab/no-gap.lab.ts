/** Nothing that the daemon does, or that is done to it, leaves a service without a server. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../../src/ipvs/backend.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { Client, tally } from './inside/client.js';
import { run } from './inside/command.js';
import { startOurs } from './inside/controllers.js';
import { startDirector, WatchedBackend } from './inside/director.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { hexadecimal, savedRules, weights } from './inside/table.js';

const service = '192.0.2.1:80';
const fallback = '127.0.0.1:8080';
const reals = ['127.0.0.1:8081', '127.0.0.1:8082'];

/** The weights of one service's servers, none where it does not stand. */
function weightsOf(endpoint: string): ReadonlyMap<string, number> {
  return weights().get(`TCP ${hexadecimal(endpoint)}`) ?? new Map();
}

/** Real servers whose checks pass or fail together, as the test says. */
async function webServers(t: TestContext): Promise<{ well: boolean }> {
  const state = { well: true };
  for (const real of reals) {
    const server = createServer((_, response) => {
      response.statusCode = state.well ? 200 : 503;
      response.end();
    });
    server.listen(Number(real.split(':')[1]), '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
  }
  return state;
}

for (const quiescent of ['no', 'yes']) {
  test(`to the fallback and back, quiescent=${quiescent}: somebody takes new connections after every operation`, async (t) => {
    const state = await webServers(t);
    const seen: number[] = [];
    let operated = 0;
    // One at a time, as no other process could watch them: after each the kernel's table is looked at.
    const backend = await WatchedBackend.open(async (kernel, operations) => {
      const failures: (Failure | null)[] = [];
      for (const operation of operations) {
        operated += 1;
        failures.push(...(await kernel.apply([operation])));
        seen.push(Math.max(0, ...weightsOf(service).values()));
      }
      return failures;
    });
    const servers = reals.map((real) => `\treal=${real} masq 2\n`).join('');
    await startDirector(
      t,
      `checkinterval=1\nquiescent=${quiescent}\nvirtual=${service}\n${servers}\tfallback=${fallback} masq\n\tservice=http\n`,
      backend,
    );
    const up = () => reals.every((real) => weightsOf(service).get(hexadecimal(real)) === 2);
    const sorry = () => weightsOf(service).has(hexadecimal(fallback));
    await eventually('the servers stand', () => up() && !sorry());
    seen.length = 0;
    operated = 0;
    for (let round = 0; round < 2; round += 1) {
      state.well = false;
      await eventually('the fallback stands alone', () => sorry() && !up());
      await eventually(
        'nobody else is left',
        () => [...weightsOf(service).values()].filter((weight) => weight > 0).length === 1,
      );
      state.well = true;
      await eventually('the servers are back', () => up() && !sorry());
    }
    assert.ok(operated >= 12, `${operated} operations`);
    assert.ok(Math.min(...seen) > 0, seen.join(' '));
  });
}

/** Looks at the table again and again until it is told to stop; gives every weight below what is configured. */
function watchForDips(endpoint: string, wanted: ReadonlyMap<string, number>): () => Promise<string[]> {
  const dips: string[] = [];
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const standing = weightsOf(endpoint);
      for (const [server, weight] of wanted) {
        const now = standing.get(server) ?? 0;
        if (now < weight) dips.push(`${server} at ${now}`);
      }
      await sleep(10);
    }
  })();
  return async () => {
    watching = false;
    await watch;
    return dips;
  };
}

test('restarts and kill -9 at random moments: no request fails, no weight dips, the table is right', async (t) => {
  await buildNetwork(t, 'nat');
  const [client] = await Promise.all([
    Client.start(t, 'client', `http://${virtualAddress}/`),
    Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
  ]);
  const file = join(await temporaryDirectory(t), 'restart.cf');
  const endpoint = `${virtualAddress}:80`;
  const wanted = new Map([
    [hexadecimal(`${realAddresses.rs1}:80`), 3],
    [hexadecimal(`${realAddresses.rs2}:80`), 1],
  ]);
  await writeFile(
    file,
    `checkinterval=1\ncleanstop=no\nvirtual=${endpoint}\n\treal=${realAddresses.rs1}:80 masq 3\n` +
      `\treal=${realAddresses.rs2}:80 masq 1\n\tfallback=127.0.0.1:80\n\tservice=http\n`,
  );
  t.after(() => run('ipvsadm', '-C'));
  let ours = await startOurs(t, file);
  await eventually('both stand', () =>
    [...wanted].every(([server, weight]) => weightsOf(endpoint).get(server) === weight),
  );
  await eventually('the fallback is gone', () => weightsOf(endpoint).size === wanted.size);
  const rules = await savedRules();
  assert.equal(rules.length, 3);

  const stopWatching = watchForDips(endpoint, wanted);
  const moments: string[] = [];
  const answers = await client.during(async () => {
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
      const moment = Math.round(Math.random() * 1_500);
      moments.push(`${signal} after ${moment} ms`);
      await sleep(moment);
      ours.child.kill(signal);
      await ours.exit;
      ours = await startOurs(t, file);
    }
    // Some checks of the last one, too.
    await sleep(2_500);
  });
  t.diagnostic(`${moments.join(', ')}: ${answers.length} requests`);
  assert.deepEqual(await stopWatching(), []);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);
  assert.deepEqual(await savedRules(), rules);
});
