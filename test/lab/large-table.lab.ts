/** A large table: what a small change costs, and how soon it stands. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { KernelBackend } from '../../src/ipvs/kernel/backend.js';
import { desired } from '../../src/reconcile/desired.js';
import { plan } from '../../src/reconcile/plan.js';
import { configOf } from '../helpers/configuration.js';
import { run } from './inside/command.js';
import { startDirector, WatchedBackend } from './inside/director.js';
import { savedRules } from './inside/table.js';

const virtuals = 1_000;
const serversEach = 10;
const rules = virtuals * (1 + serversEach);
const rounds = 3;
/** The share of ipvsadm's time that ours may take. */
const bound = 0.34;

/** The last server of the last virtual has this weight. */
function text(lastWeight: number): string {
  const sections: string[] = [];
  for (let virtual = 0; virtual < virtuals; virtual += 1) {
    const network = `${Math.floor(virtual / 250)}.${(virtual % 250) + 1}`;
    const servers = Array.from({ length: serversEach }, (_, server) => {
      const isLast = virtual === virtuals - 1 && server === serversEach - 1;
      return `\treal=10.${network}.${server + 1}:80 masq ${isLast ? lastWeight : 1}\n`;
    });
    sections.push(`virtual=172.16.${network}:80\n${servers.join('')}\tchecktype=on\n\tprotocol=tcp\n`);
  }
  return sections.join('');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

test('11,000 rules into an empty table: at most a third of the time of ipvsadm -R', async (t) => {
  t.after(() => run('ipvsadm', '-C'));
  const operations = plan(
    desired(configOf(text(1)), () => true),
    new Map(),
    new Set(),
  );
  assert.equal(operations.length, rules);
  const backend = await KernelBackend.open();
  t.after(() => backend.close());
  const file = '/tmp/large-table.rules';
  const times: Record<'ours' | 'ipvsadm', number[]> = { ours: [], ipvsadm: [] };
  // In turns, so that a busy moment of the machine is shared.
  for (let round = 0; round < rounds; round += 1) {
    await run('ipvsadm', '-C');
    times.ours.push(
      await timed(async () => {
        const failures = await backend.apply(operations);
        assert.ok(failures.every((failure) => failure === null));
      }),
    );
    const saved = await savedRules();
    assert.equal(saved.length, rules);
    // Services first, as sorting has them: a destination needs its service.
    if (round === 0) await writeFile(file, `${saved.join('\n')}\n`);
    await run('ipvsadm', '-C');
    times.ipvsadm.push(await timed(() => run('sh', '-c', `ipvsadm -R <${file}`)));
    assert.equal((await savedRules()).length, rules);
  }
  const ratio = median(times.ours) / median(times.ipvsadm);
  t.diagnostic(
    `${rules} rules: ${median(times.ours).toFixed(0)} ms, ipvsadm ${median(times.ipvsadm).toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
  );
  assert.ok(ratio < bound, `ratio ${ratio}`);
});

test('one changed weight among them is one operation', async (t) => {
  let sent = 0;
  const backend = await WatchedBackend.open((kernel, operations) => {
    sent += operations.length;
    return kernel.apply(operations);
  });
  const director = await startDirector(t, text(1), backend);
  assert.equal(sent, rules);
  sent = 0;
  await director.reload(text(7));
  assert.equal(sent, 1);
  const changed = (await savedRules()).filter((rule) => rule.endsWith(' -w 7'));
  assert.deepEqual(changed, ['-a -t 172.16.3.250:80 -r 10.3.250.10:80 -m -w 7']);
});
