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

test('11,000 rules into an empty table in at most a third of the time of ipvsadm -R', async (t) => {
  const client = new KernelClient();
  t.after(() => client.close());
  const ours: number[] = [];
  for (const _ of [1, 2, 3]) {
    await client.flush();
    ours.push(
      await milliseconds(async () => assert.ok((await client.apply(operations)).every((failure) => failure === null))),
    );
  }
  const rules = execFileSync('ipvsadm', ['-Sn']);
  assert.equal(rules.toString().trim().split('\n').length, 11_000);
  const reading = await milliseconds(async () => assert.equal((await client.list()).size, 1000));
  await client.flush();
  const theirs = await milliseconds(() => execFileSync('ipvsadm', ['-R'], { input: rules }));
  const ratio = Math.min(...ours) / theirs;
  t.diagnostic(
    `ours ${ours.map(Math.round).join(', ')} ms, ipvsadm -R ${Math.round(theirs)} ms: ratio ${ratio.toFixed(2)}; ` +
      `reading them ${Math.round(reading)} ms`,
  );
  assert.ok(ratio <= 1 / 3, `ratio ${ratio}`);
});
