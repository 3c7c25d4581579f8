import type { TestContext } from 'node:test';
import type { Failure } from '../../../src/ipvs/backend.js';
import { type BalancerOptions, UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { greet, startTcpServer } from '../../helpers/tcp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';

/** A balancer with one TCP service, whose one server greets with `a`; and what it tells of troubles. */
export async function balancing(t: TestContext, options: BalancerOptions = {}) {
  const told: { readonly object: string; readonly failure: Failure }[] = [];
  const backend = new UserspaceBackend({ ...options, onTrouble: (object, failure) => told.push({ object, failure }) });
  t.after(() => backend.close());
  const server = await startTcpServer(greet('a'));
  t.after(() => server.close());
  const service = await serviceAt('127.0.0.1', 'tcp');
  await carryOut(backend, ...building(service, [destinationAt(server)]));
  return { backend, server, service, told };
}
