/** The table of a large director: 1,000 services of 10 servers, into an empty table and out of it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import type { Service } from '../../src/ipvs/table.js';
import { building, destinationAt } from '../ipvs/conformance/fixture.js';

const operations = Array.from({ length: 1000 }, (_, index): Service => {
  const address = `10.${index >> 8}.${index & 255}.1`;
  const settings = { scheduler: 'wrr', schedflags: [], persistent: 0, netmask: 32, ops: false };
  return { protocol: 'tcp', family: 'inet', address, port: 80, ...settings };
}).flatMap((service, index) =>
  building(
    service,
    Array.from({ length: 10 }, (_, host) => destinationAt({ address: `10.200.${index & 255}.${host + 1}`, port: 80 })),
  ),
);

async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median([...values]: readonly number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

test('11,000 rules into an empty table in at most a third of the time of ipvsadm -R', async (t) => {
  const client = new KernelClient();
  t.after(() => client.close());
  const apply = async () => assert.ok((await client.apply(operations)).every((failure) => failure === null));
  await apply();
  const rules = execFileSync('ipvsadm', ['-Sn']);
  assert.equal(rules.toString().trim().split('\n').length, 11_000);
  const reading = await milliseconds(async () => assert.equal((await client.list()).size, 1000));
  const ours: number[] = [];
  const theirs: number[] = [];
  // In turns, so that a machine that is busy for a while is so for both.
  for (const _ of [1, 2, 3]) {
    await client.flush();
    ours.push(await milliseconds(apply));
    await client.flush();
    theirs.push(await milliseconds(() => execFileSync('ipvsadm', ['-R'], { input: rules })));
  }
  const ratio = median(ours) / median(theirs);
  const shown = (times: readonly number[]) => times.map(Math.round).join(', ');
  t.diagnostic(
    `ours ${shown(ours)} ms, ipvsadm -R ${shown(theirs)} ms: ratio ${ratio.toFixed(2)} of the medians; ` +
      `reading them ${Math.round(reading)} ms`,
  );
  assert.ok(ratio <= 1 / 3, `ratio ${ratio}`);
});
