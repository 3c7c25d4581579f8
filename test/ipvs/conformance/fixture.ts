/** What the parts of the conformance suite share. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Backend, Operation } from '../../../src/ipvs/backend.js';
import type { Capabilities } from '../../../src/ipvs/capabilities.js';
import type { Destination, DestinationIdentity, Service } from '../../../src/ipvs/table.js';
import { freePort } from '../../helpers/free-port.js';
import { greet, startTcpServer, type TcpServer } from '../../helpers/tcp-server.js';

export interface Subject {
  readonly open: () => Promise<Backend>;
  readonly can: Capabilities;
  /** How many services the large batch has. */
  readonly largeBatch: number;
}

/** The options of a test of what not every backend can do. */
export function unless(able: boolean, reason: string): { skip: string | false } {
  return { skip: able ? false : reason };
}

/** Clients that connect to a service reach a destination. */
export function ifItPasses({ can }: Subject): { skip: string | false } {
  return unless(can.passes !== 'nothing', `nothing passes through the table of the ${can.name} backend`);
}

/** Connections end at the backend, which copies their bytes. */
export function ifItCopies({ can }: Subject): { skip: string | false } {
  return unless(can.passes === 'streams', `the ${can.name} backend leaves streams to their ends`);
}

/** A connection counts no more once it ended, and ends with its destination. */
export function ifItForgets({ can }: Subject): { skip: string | false } {
  const reason = 'counts a connection until its timeout, whatever became of its ends and its destination';
  return unless(can.passes === 'streams', `the ${can.name} backend ${reason}`);
}

/** A backend that is closed when the test is over. */
export async function opened(t: TestContext, subject: Subject): Promise<Backend> {
  const backend = await subject.open();
  t.after(() => backend.close());
  return backend;
}

export type Settings = Partial<Pick<Service, 'scheduler' | 'schedflags' | 'persistent' | 'netmask' | 'ops'>>;

export async function serviceAt(address: string, protocol: 'tcp' | 'udp', settings: Settings = {}) {
  const family = address.includes(':') ? 'inet6' : 'inet';
  const port = await freePort(address);
  return {
    ...{ protocol, family, address, port },
    ...{ scheduler: 'wrr', schedflags: [], persistent: 0, netmask: family === 'inet6' ? 128 : 32, ops: false },
    ...settings,
  } as const satisfies Service;
}

export function markService(mark: number): Service {
  return {
    ...{ protocol: 'fwm', family: 'inet', mark },
    ...{ scheduler: 'wrr', schedflags: [], persistent: 0, netmask: 32, ops: false },
  };
}

export function destinationAt(
  { address, port }: DestinationIdentity,
  settings: Partial<Omit<Destination, 'address' | 'port'>> = {},
): Destination {
  return { address, port, forward: 'masq', weight: 1, upperThreshold: 0, lowerThreshold: 0, ...settings };
}

/** Operations that build a service with these destinations. */
export function building(service: Service, destinations: readonly Destination[]): Operation[] {
  return [
    { type: 'add-service', service },
    ...destinations.map((destination) => ({ type: 'add-destination', service, destination }) as const),
  ];
}

/** Applies operations that are all to succeed. */
export async function carryOut(backend: Backend, ...operations: Operation[]): Promise<void> {
  assert.deepEqual(
    await backend.apply(operations),
    operations.map(() => null),
  );
}

/** Named TCP servers (`a`, `b`, …) that are closed when the test is over. */
export async function startServers(t: TestContext, count: number, address?: string): Promise<TcpServer[]> {
  const names = [...'abcdefgh'].slice(0, count);
  const servers = await Promise.all(names.map((name) => startTcpServer(greet(name), address)));
  t.after(() => Promise.all(servers.map((server) => server.close())));
  return servers;
}
